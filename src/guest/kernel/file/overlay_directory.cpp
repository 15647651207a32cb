#include "guest/kernel/file/overlay_directory.h"

#include <cstring>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/host_file.h"
#include "guest/kernel/file/scratch.h"

namespace mayfly::kernel {

OverlayDirectory::OverlayDirectory(Kernel& kernel, u32 mode)
    : Directory(kernel), on_host_(false), attributes_changed_(true), attributes_(kernel, kModeDirectory | mode) {}

OverlayDirectory::OverlayDirectory(Kernel& kernel, const abi::FileStat& host_stat)
    : Directory(kernel), on_host_(true), attributes_changed_(false), attributes_(host_stat) {}

OverlayDirectory::~OverlayDirectory() {
  // Only whiteouts are left of a directory that was removed.
  while (Entry* entry = entries.front()) table().remove(*entry);
}

void OverlayDirectory::destroy() {
  kernel().heap.destroy(this);
}

EntryTable& OverlayDirectory::table() const {
  return kernel().vfs.entries();
}

long OverlayDirectory::stat(abi::FileStat& result) {
  if (!attributes_changed_) return host_stat(kernel(), *this, result);
  attributes_.stat(abi::kPageSize, 0, result);
  return 0;
}

long OverlayDirectory::change(const AttributeChange& change) {
  if (!attributes_changed_) {
    abi::FileStat status{};
    if (long error = host_stat(kernel(), *this, status); error != 0) return error;
    attributes_ = OverlayAttributes(status);
    attributes_changed_ = true;
  }
  attributes_.change(change, static_cast<i64>(realtime_ns()));
  return 0;
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
  if (long error = host_stat_below(kernel(), *this, name, status); error != 0) return error;
  Heap& heap = kernel().heap;
  u32 bits = status.mode & kModeType;
  if (bits == kModeDirectory) {
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

long OverlayDirectory::add(Name name, const Ref<Inode>& inode) {
  Entry* entry = table().find(*this, name);
  if (entry != nullptr) {
    EntryTable::set_inode(*entry, inode);  // over a whiteout
  } else {
    entry = table().add(*this, name, inode);
    if (entry == nullptr) return -ENOSPC;
  }
  inode->count_link(1);
  attributes_.touch(static_cast<i64>(realtime_ns()));
  return 0;
}

long OverlayDirectory::remove(Name name) {
  Entry* entry = table().find(*this, name);
  if (entry == nullptr || entry->is_whiteout()) return -ENOENT;
  entry->inode->count_link(-1);
  if (entry->covers_host) {
    EntryTable::set_inode(*entry, {});
  } else {
    table().remove(*entry);
  }
  attributes_.touch(static_cast<i64>(realtime_ns()));
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
  HostHandle handle(kernel(), *this);
  if (handle.error() != 0) return handle.error();
  while (true) {
    long size = host_call(abi::Call::dir_read, handle.get(), cursor);
    if (size <= 0) return size;
    for (long at = 0; at < size;) {
      abi::DirEntry record{};
      std::memcpy(&record, shared().io + at, sizeof record);
      Name name{reinterpret_cast<const char*>(shared().io + at + sizeof record), record.name_size};
      const Entry* entry = table().find(*this, name);
      bool hidden = entry != nullptr && (entry->is_whiteout() || !entry->inode->from_host());
      cursor = record.next_cursor;
      if (!hidden && !sink.add(name, record.inode, record.type, kHostCursor + cursor)) return 0;
      at += record.record_size;
    }
  }
}

}  // namespace mayfly::kernel
