#include "guest/kernel/file/volume_directory.h"

#include <linux/fs.h>

#include <cstring>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/host_path.h"
#include "guest/kernel/file/volume_file.h"

namespace mayfly::kernel {
namespace {

bool show_all(Name) {
  return true;
}

}  // namespace

VolumePlace::VolumePlace(Inode& self, VolumeDirectory* parent, Name name) : inode(self) {
  if (parent != nullptr) move(*parent, name);
}

void VolumePlace::set_name(Name name) {
  size_ = name.size;
  std::memcpy(text_, name.text, name.size);
}

void VolumePlace::identify(const abi::FileStat& status) {
  device_ = status.device;
  number_ = status.inode;
}

void VolumePlace::move(VolumeDirectory& parent, Name name) {
  set_name(name);
  parent_ = Ref<VolumeDirectory>(&parent);
  parent.held.push_back(*this);
}

void VolumePlace::detach() {
  unlink();
  parent_ = {};
  size_ = 0;
}

Directory* VolumePlace::container() const {
  return parent_.get();
}

void VolumeDirectory::destroy() {
  kernel().heap.destroy(this);
}

Directory* VolumeDirectory::container() const {
  return is_mount_point() ? Inode::container() : place.container();
}
Name VolumeDirectory::name() const {
  return is_mount_point() ? Inode::name() : place.name();
}

long VolumeDirectory::stat(abi::FileStat& result) {
  return host_stat(*this, {}, result);
}

long VolumeDirectory::open(u32 flags, Ref<File>& file) {
  auto* opened = kernel().heap.make<VolumeDirectoryFile>(kernel(), *this, flags);
  file = Ref<File>(opened);
  return opened == nullptr ? -ENOMEM : opened->error();
}

long VolumeDirectory::change(const AttributeChange& change) {
  return HostArguments().change(change).path(*this).call(abi::Call::path_change);
}

VolumePlace* VolumeDirectory::find_held(Name name) {
  VolumePlace* each = held.front();
  while (each != nullptr && !(each->name() == name)) each = held.next(*each);
  return each;
}

void VolumeDirectory::forget(Name name) {
  if (VolumePlace* gone = find_held(name)) gone->detach();
}

long VolumeDirectory::look_up(Name name, Ref<Inode>& result) {
  abi::FileStat status{};
  long error = host_stat(*this, name, status);
  VolumePlace* known = find_held(name);
  if (known != nullptr && error == 0 && known->is(status)) {
    result = Ref<Inode>(&known->inode);
    return 0;
  }
  if (known != nullptr && (error == 0 || error == -ENOENT)) known->detach();
  return error != 0 ? error : make_inode(name, status, result);
}

long VolumeDirectory::make_inode(Name name, const abi::FileStat& status, Ref<Inode>& result) {
  Heap& heap = kernel().heap;
  u32 bits = status.mode & kModeType;
  if (bits == kModeDirectory) {
    auto* directory = heap.make<VolumeDirectory>(kernel(), this, name);
    result = Ref<Inode>(directory);
    if (directory != nullptr) directory->place.identify(status);
  } else {
    Type kind = bits == kModeLink ? Type::link : bits == kModeRegular ? Type::regular : Type::other;
    auto* inode = heap.make<VolumeInode>(kernel(), kind, *this, name);
    result = Ref<Inode>(inode);
    if (inode != nullptr) inode->place.identify(status);
  }
  return result ? 0 : -ENOMEM;
}

long VolumeDirectory::list(u64 cursor, DirectorySink& sink) {
  return HostHandle(*this).list(cursor, 0, sink, show_all);
}

long VolumeDirectory::create(Name name, u32 flags, u32 mode, Ref<File>& file) {
  auto* inode = kernel().heap.make<VolumeInode>(kernel(), Type::regular, *this, name);
  Ref<Inode> keep(inode);
  if (inode == nullptr) return -ENOMEM;
  auto* opened = kernel().heap.make<VolumeFile>(kernel(), *inode, flags, mode);
  file = Ref<File>(opened);
  if (opened == nullptr) return -ENOMEM;
  if (opened->error() == 0) inode->place.identify(opened->stat_at_open());
  return opened->error();
}

long VolumeDirectory::make_directory(Name name, u32 mode) {
  return HostArguments().path(*this, name).call(abi::Call::path_make, kModeDirectory | mode);
}

long VolumeDirectory::make_link(Name name, const char* target, u64 size_bytes) {
  return HostArguments().path(*this, name).text(target, size_bytes).call(abi::Call::path_make, kModeLink | 0777);
}

long VolumeDirectory::add(Name name, const Ref<Inode>& inode) {
  if (!inode->on_volume()) return -EPERM;
  return HostArguments().path(*inode).path(*this, name).call(abi::Call::path_link);
}

long VolumeDirectory::remove(Name name, bool directory) {
  long error = HostArguments().path(*this, name).call(abi::Call::path_remove, directory ? 1 : 0);
  if (error == 0) forget(name);
  return error;
}

long VolumeDirectory::rename(VolumeDirectory& from, Name old_name, VolumeDirectory& to, Name new_name, u64 flags) {
  long error = HostArguments().path(from, old_name).path(to, new_name).call(abi::Call::path_rename, flags);
  if (error != 0) return error;
  VolumePlace* moved = from.find_held(old_name);
  VolumePlace* replaced = to.find_held(new_name);
  if (moved == replaced) return 0;
  if (replaced != nullptr && (flags & RENAME_EXCHANGE) != 0) {
    replaced->move(from, old_name);
  } else if (replaced != nullptr) {
    replaced->detach();
  }
  if (moved != nullptr) moved->move(to, new_name);
  return 0;
}

void VolumeInode::destroy() {
  kernel().heap.destroy(this);
}

long VolumeInode::stat(abi::FileStat& result) {
  return host_stat(*this, {}, result);
}

long VolumeInode::open(u32 flags, Ref<File>& file) {
  if (type != Type::regular) return -EACCES;  // devices, sockets and FIFOs of the host are out of reach
  auto* opened = kernel().heap.make<VolumeFile>(kernel(), *this, flags & ~u32{O_CREAT | O_EXCL}, 0u);
  file = Ref<File>(opened);
  return opened == nullptr ? -ENOMEM : opened->error();
}

long VolumeInode::read_link(char* target, u64 capacity) {
  return type == Type::link ? host_read_link(*this, target, capacity) : -EINVAL;
}

long VolumeInode::change(const AttributeChange& change) {
  return HostArguments().change(change).path(*this).call(abi::Call::path_change);
}

long VolumeInode::truncate(u64 size_bytes) {
  if (type != Type::regular) return -EINVAL;
  HostHandle handle(*this, O_WRONLY);
  return handle.error() != 0 ? handle.error() : host_call(abi::Call::file_truncate, handle.get(), size_bytes);
}

}  // namespace mayfly::kernel
