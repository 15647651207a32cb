#include "guest/kernel/file/overlay_directory.h"

#include <cstring>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/host_file.h"
#include "guest/kernel/file/overlay_file.h"
#include "guest/kernel/file/scratch.h"
#include "guest/kernel/file/volume_directory.h"

namespace mayfly::kernel {

OverlayDirectory::OverlayDirectory(Kernel& kernel, u32 mode)
    : Directory(kernel),
      on_host_(false),
      attributes_changed_(true),
      attributes_(kernel, kModeDirectory | mode),
      extended_(kernel.heap) {
  attributes_.links = 0;  // until it has a name
}

OverlayDirectory::OverlayDirectory(Kernel& kernel, const abi::FileStat& host_stat)
    : Directory(kernel), on_host_(true), attributes_changed_(false), attributes_(host_stat), extended_(kernel.heap) {
  attributes_.links = host_stat.links;
}

OverlayDirectory::~OverlayDirectory() {
  // Only whiteouts are left of a directory that was removed.
  while (Entry* entry = entries.front()) table().remove(*entry);
  if (moved_from_ != nullptr) kernel().heap.release(moved_from_, moved_from_bytes_);
}

void OverlayDirectory::destroy() {
  kernel().heap.destroy(this);
}

EntryTable& OverlayDirectory::table() const {
  return kernel().vfs.entries();
}

long OverlayDirectory::stat(abi::FileStat& result) {
  if (!attributes_changed_) return host_stat(*this, {}, result);
  attributes_.stat(abi::kPageSize, 0, result);
  return 0;
}

long OverlayDirectory::change(const AttributeChange& change) {
  attributes_changed_ = true;
  attributes_.change(change, static_cast<i64>(realtime_ns()));
  return 0;
}

long OverlayDirectory::keep_host_path() {
  if (!from_host()) return 0;
  Scratch path(kernel().heap);
  if (!path) return -ENOMEM;
  long length = path_on_host(path.text());
  if (length < 0) return length;
  moved_from_bytes_ = static_cast<u64>(length) + 1;
  moved_from_ = static_cast<char*>(kernel().heap.allocate(moved_from_bytes_));
  if (moved_from_ == nullptr) return -ENOMEM;
  std::memcpy(moved_from_, path.text(), moved_from_bytes_);
  return 0;
}

OverlayAttributes OverlayDirectory::attributes_of_new(u32 mode) const {
  OverlayAttributes attributes(kernel(), mode);
  attributes.device = attributes_.device;
  return attributes;
}

void OverlayDirectory::names_changed(const Inode& inode, int change) {
  attributes_changed_ = true;
  attributes_.touch(static_cast<i64>(realtime_ns()));
  // Some file systems of the host say 1 for every directory.
  if (inode.type == Type::directory && attributes_.links > 1) attributes_.links += static_cast<u32>(change);
}

/// Its name and its ".".
void OverlayDirectory::count_link(int change) {
  attributes_changed_ = true;
  if (change > 0) {
    attributes_.links += 2;
  } else {
    attributes_.links = attributes_.links > 2 ? attributes_.links - 2 : 0;
  }
}

long OverlayDirectory::look_up(Name name, Ref<Inode>& result) {
  if (Entry* entry = table().find(*this, name)) {
    result = entry->inode;
    return entry->is_whiteout() ? -ENOENT : 0;
  }
  return on_host_ ? find_on_host(name, result) : -ENOENT;
}

long OverlayDirectory::find_on_host(Name name, Ref<Inode>& result) {
  abi::FileStat status{};
  if (long error = host_stat(*this, name, status); error != 0) return error;
  Heap& heap = kernel().heap;
  u32 bits = status.mode & kModeType;
  if (status.volume != 0) {
    result = Ref<Inode>(heap.make<VolumeDirectory>(kernel(), nullptr, Name{}));
  } else if (bits == kModeDirectory) {
    result = Ref<Inode>(heap.make<OverlayDirectory>(kernel(), status));
  } else {
    Type kind = bits == kModeLink ? Type::link : bits == kModeRegular ? Type::regular : Type::other;
    result = Ref<Inode>(heap.make<HostInode>(kernel(), kind));
  }
  if (!result) return -ENOMEM;
  Entry* entry = table().add(*this, name, result);
  if (entry == nullptr) return -ENOMEM;
  entry->covers_host = true;
  return 0;
}

long OverlayDirectory::create(Name name, u32 flags, u32 mode, Ref<File>& file) {
  auto* made = kernel().heap.make<OverlayInode>(kernel(), attributes_of_new(kModeRegular | mode));
  Ref<Inode> inode(made);
  if (long error = made == nullptr ? -ENOSPC : add(name, inode); error != 0) return error;
  return inode->open(flags & ~u32{O_TRUNC}, file);  // it is empty
}

long OverlayDirectory::make_directory(Name name, u32 mode) {
  auto* directory = kernel().heap.make<OverlayDirectory>(kernel(), mode);
  Ref<Inode> made(directory);
  if (directory == nullptr) return -ENOSPC;
  directory->attributes_.device = attributes_.device;
  return add(name, made);
}

long OverlayDirectory::make_link(Name name, const char* target, u64 size_bytes) {
  auto* link = kernel().heap.make<OverlayLink>(kernel(), attributes_of_new(kModeLink | 0777));
  Ref<Inode> made(link);
  return link != nullptr && link->set_target(target, size_bytes) ? add(name, made) : -ENOSPC;
}

long OverlayDirectory::add(Name name, const Ref<Inode>& inode) {
  if (!in_tree()) return -ENOENT;  // it was removed
  Entry* entry = table().find(*this, name);
  if (entry != nullptr) {
    EntryTable::set_inode(*entry, inode);  // over a whiteout
  } else {
    entry = table().add(*this, name, inode);
    if (entry == nullptr) return -ENOSPC;
  }
  inode->count_link(1);
  names_changed(*inode, 1);
  return 0;
}

long OverlayDirectory::remove(Name name, bool) {
  Entry* entry = table().find(*this, name);
  if (entry == nullptr || entry->is_whiteout()) return -ENOENT;
  Ref<Inode> removed = entry->inode;
  removed->count_link(-1);
  if (entry->covers_host) {
    EntryTable::set_inode(*entry, {});
  } else {
    table().remove(*entry);
  }
  names_changed(*removed, -1);
  // With further names, it is where one of these is.
  abi::FileStat status{};
  bool has_place = removed->tree_entry != nullptr || removed->from_host();
  if (!has_place && removed->stat(status) == 0 && status.links > 0) {
    removed->tree_entry = table().find_name_of(*removed);
  }
  return 0;
}

long OverlayDirectory::list(u64 cursor, DirectorySink& sink) {
  bool full = false;
  if (cursor < kHostCursor) {
    if (long error = list_overlay(cursor, sink, full); error != 0 || full) return error;
    cursor = kHostCursor;
  }
  return on_host_ ? list_host(cursor - kHostCursor, sink) : 0;
}

/// What differs from the host; the rest comes from there.
long OverlayDirectory::list_overlay(u64 cursor, DirectorySink& sink, bool& full) {
  for (Entry* entry = entries.front(); entry != nullptr; entry = entries.next(*entry)) {
    if (entry->serial <= cursor || entry->is_whiteout() || entry->inode->from_host()) continue;
    abi::FileStat status{};
    if (long error = entry->inode->stat(status); error != 0) return error;
    if (!sink.add(entry->name(), status.inode, directory_type(status.mode), entry->serial)) {
      full = true;
      return 0;
    }
  }
  return 0;
}

long OverlayDirectory::list_host(u64 cursor, DirectorySink& sink) {
  return HostHandle(*this).list(cursor, kHostCursor, sink, [this](Name name) {
    const Entry* entry = table().find(*this, name);
    return entry == nullptr || (entry->inode && entry->inode->from_host());
  });
}

}  // namespace mayfly::kernel
