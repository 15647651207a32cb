// Directories and files of a writable volume: everything done to them is done on the host, and nothing is remembered.
#pragma once

#include "guest/kernel/core/list.h"
#include "guest/kernel/file/inode.h"

namespace mayfly::kernel {

class VolumeDirectory;

/// Where something of a volume is, as long as this machine holds it. A look-up that finds another file under the name
/// detaches it, as does its removal; a rename by this machine takes it along.
class VolumePlace : public ListNode<> {
 public:
  /// @param parent null for the root of a volume
  VolumePlace(Inode& self, VolumeDirectory* parent, Name name);
  ~VolumePlace() { unlink(); }  // before the parent, whose list it is on, may go
  [[nodiscard]] Directory* container() const;
  [[nodiscard]] Name name() const { return {text_, size_}; }
  [[nodiscard]] bool is(const abi::FileStat& status) const {
    return device_ == status.device && number_ == status.inode;
  }
  void identify(const abi::FileStat& status);
  void move(VolumeDirectory& parent, Name name);
  /// It has no name any more.
  void detach();

  Inode& inode;

 private:
  void set_name(Name name);

  Ref<VolumeDirectory> parent_;
  u64 device_ = 0;
  u64 number_ = 0;
  u32 size_ = 0;
  char text_[kNameBytes];
};

class VolumeDirectory final : public Directory {
 public:
  VolumeDirectory(Kernel& kernel, VolumeDirectory* parent, Name name) : Directory(kernel), place(*this, parent, name) {}
  void destroy() override;
  /// `directory` as what it is when it is on_volume().
  [[nodiscard]] static VolumeDirectory* from(Directory* directory) {
    return directory != nullptr && directory->on_volume() ? static_cast<VolumeDirectory*>(directory) : nullptr;
  }
  static long rename(VolumeDirectory& from, Name old_name, VolumeDirectory& to, Name new_name, u64 flags);

  long stat(abi::FileStat& result) override;
  long open(u32 flags, Ref<File>& file) override;
  long change(const AttributeChange& change) override;
  [[nodiscard]] bool from_host() const override { return true; }
  [[nodiscard]] bool on_volume() const override { return true; }
  [[nodiscard]] bool is_mount_point() const override { return tree_entry != nullptr; }
  [[nodiscard]] Directory* container() const override;
  [[nodiscard]] Name name() const override;

  long look_up(Name name, Ref<Inode>& result) override;
  long list(u64 cursor, DirectorySink& sink) override;
  long create(Name name, u32 flags, u32 mode, Ref<File>& file) override;
  long make_directory(Name name, u32 mode) override;
  long make_link(Name name, const char* target, u64 size_bytes) override;
  /// A further name for a file of this volume. Sockets and FIFOs stay in the machine: -EPERM.
  long add(Name name, const Ref<Inode>& inode) override;
  long remove(Name name, bool directory) override;

  VolumePlace place;
  List<VolumePlace> held;  ///< what is held of it

 private:
  [[nodiscard]] VolumePlace* find_held(Name name);
  void forget(Name name);
  long make_inode(Name name, const abi::FileStat& status, Ref<Inode>& result);
};

/// A file that is no directory.
class VolumeInode final : public Inode {
 public:
  VolumeInode(Kernel& kernel, Type inode_type, VolumeDirectory& parent, Name name)
      : Inode(kernel, inode_type), place(*this, &parent, name) {}
  void destroy() override;

  long stat(abi::FileStat& result) override;
  long open(u32 flags, Ref<File>& file) override;
  long read_link(char* target, u64 capacity) override;
  long change(const AttributeChange& change) override;
  long truncate(u64 size_bytes) override;
  [[nodiscard]] bool on_volume() const override { return true; }
  [[nodiscard]] Directory* container() const override { return place.container(); }
  [[nodiscard]] Name name() const override { return place.name(); }

  VolumePlace place;
};

}  // namespace mayfly::kernel
