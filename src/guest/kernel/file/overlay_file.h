// Regular files and symbolic links in guest memory.
#pragma once

#include "guest/kernel/file/extended_attributes.h"
#include "guest/kernel/file/inode_file.h"
#include "guest/kernel/file/overlay_attributes.h"
#include "guest/kernel/file/overlay_entry.h"
#include "guest/kernel/file/page_store.h"

namespace mayfly::kernel {

class OverlayInode final : public Inode {
 public:
  OverlayInode(Kernel& kernel, const OverlayAttributes& attributes);
  void destroy() override;

  long stat(abi::FileStat& result) override;
  long open(u32 flags, Ref<File>& file) override;
  long change(const AttributeChange& change) override;
  long truncate(u64 size_bytes) override;
  void count_link(int change) override;
  [[nodiscard]] bool may_be_linked() const override { return attributes_.links > 0 || first_link_allowed_; }
  /// For O_TMPFILE: it has no name, and may get one.
  void allow_first_link() { first_link_allowed_ = true; }
  [[nodiscard]] const void* kind() const override { return &kKind; }
  [[nodiscard]] ExtendedAttributes* extended() override { return &extended_; }
  /// Contents have changed.
  void touch();

  /// True if a shared mapping may write to it.
  [[nodiscard]] bool is_shown_writable() const;
  [[nodiscard]] bool has_seal(u32 seal) const { return seals != kNeverSealed && (seals & seal) != 0; }
  /// Whether seals let bytes up to `end` be written. @return 0 or -EPERM
  [[nodiscard]] long check_write(u64 end) const;
  /// Likewise for fallocate. @param mode FALLOC_FL_*
  [[nodiscard]] long check_allocate(u64 mode, bool grows) const;

  static constexpr char kKind = 0;
  static constexpr u32 kNeverSealed = ~u32{0};
  PageStore contents;
  u32 seals = kNeverSealed;  ///< F_SEAL_*, of a memfd

 private:
  OverlayAttributes attributes_;
  ExtendedAttributes extended_;
  bool first_link_allowed_ = false;
};

class OverlayFile final : public InodeFile {
 public:
  OverlayFile(Kernel& kernel, OverlayInode& inode, u32 flags) : InodeFile(kernel, inode, flags), overlay_(inode) {}
  void destroy() override;

  long read(Thread& thread, UserIo& io) override;
  long write(Thread& thread, UserIo& io) override;
  long pread(Thread& thread, UserIo& io, u64 offset) override;
  long pwrite(Thread& thread, UserIo& io, u64 offset) override;
  long seek(Thread& thread, i64 offset, int whence) override;
  long truncate(u64 size_bytes) override;
  long allocate(u64 mode, u64 offset, u64 size_bytes) override;
  [[nodiscard]] bool mappable() const override { return true; }
  [[nodiscard]] u64 mappable_bytes(u64) override { return overlay_.contents.size(); }
  [[nodiscard]] PageStore* page_store() override { return &overlay_.contents; }
  long map(u64 address, u64 pages, u32 protection, u64 offset) override;

 private:
  OverlayInode& overlay_;  // kept by InodeFile
};

class OverlayLink final : public Inode {
 public:
  OverlayLink(Kernel& kernel, const OverlayAttributes& attributes);
  ~OverlayLink() override;
  void destroy() override;
  /// Sets the target, once. @return false without memory
  bool set_target(const char* target, u64 size_bytes);

  long stat(abi::FileStat& result) override;
  long open(u32, Ref<File>&) override { return -ELOOP; }
  long read_link(char* target, u64 capacity) override;
  long change(const AttributeChange& change) override;
  void count_link(int change) override { attributes_.links += static_cast<u32>(change); }
  [[nodiscard]] ExtendedAttributes* extended() override { return &extended_; }

 private:
  char* target_ = nullptr;
  u64 target_bytes_ = 0;
  OverlayAttributes attributes_;
  ExtendedAttributes extended_;
};

}  // namespace mayfly::kernel
