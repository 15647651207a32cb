// A directory as the program sees it: what it has changed above, the host's names below.
#pragma once

#include "guest/kernel/core/list.h"
#include "guest/kernel/file/extended_attributes.h"
#include "guest/kernel/file/overlay_attributes.h"
#include "guest/kernel/file/overlay_entry.h"

namespace mayfly::kernel {

class OverlayDirectory final : public Directory {
 public:
  /// A new, empty directory of the overlay. @param mode permission bits
  OverlayDirectory(Kernel& kernel, u32 mode);
  /// A directory of the host.
  OverlayDirectory(Kernel& kernel, const abi::FileStat& host_stat);
  ~OverlayDirectory() override;
  void destroy() override;

  long stat(abi::FileStat& result) override;
  long change(const AttributeChange& change) override;
  [[nodiscard]] bool from_host() const override { return on_host_ && moved_from_ == nullptr; }
  [[nodiscard]] const char* moved_from() const override { return moved_from_; }
  long keep_host_path() override;
  void count_link(int change) override;
  [[nodiscard]] ExtendedAttributes* extended() override { return &extended_; }

  long look_up(Name name, Ref<Inode>& result) override;
  long list(u64 cursor, DirectorySink& sink) override;
  long create(Name name, u32 flags, u32 mode, Ref<File>& file) override;
  long make_directory(Name name, u32 mode) override;
  long make_link(Name name, const char* target, u64 size_bytes) override;
  long add(Name name, const Ref<Inode>& inode) override;
  long remove(Name name, bool directory) override;

  List<Entry> entries;  ///< by rising serial; owned by the EntryTable

 private:
  /// Cursors: 0, then serials of entries, then kHostCursor plus the host's cursor.
  static constexpr u64 kHostCursor = u64{1} << 62;
  /// Of something that is made here: it is on the same device, or it would look like a mount point.
  [[nodiscard]] OverlayAttributes attributes_of_new(u32 mode) const;
  void names_changed(const Inode& inode, int change);
  long list_overlay(u64 cursor, DirectorySink& sink, bool& full);
  long list_host(u64 cursor, DirectorySink& sink);
  long find_on_host(Name name, Ref<Inode>& result);
  EntryTable& table() const;

  bool on_host_;
  bool attributes_changed_;  // else the host is asked; what it said at first is in attributes_
  OverlayAttributes attributes_;
  ExtendedAttributes extended_;
  char* moved_from_ = nullptr;
  u64 moved_from_bytes_ = 0;
};

}  // namespace mayfly::kernel
