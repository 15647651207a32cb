#include "guest/kernel/file/host_file.h"

#include <cstring>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/file_events.h"
#include "guest/kernel/file/overlay_file.h"

namespace mayfly::kernel {
namespace {

u64 smaller(u64 a, u64 b) {
  return a < b ? a : b;
}

}  // namespace

HostFile::HostFile(Kernel& kernel, Inode& inode, u32 flags, u32 mode)
    : InodeFile(kernel, inode, flags),
      handle_(inode, flags & (O_ACCMODE | O_CREAT | O_EXCL | O_TRUNC), mode),
      known_size_(handle_.stat().size) {}

void HostInode::destroy() {
  kernel().heap.destroy(this);
}

long HostInode::stat(abi::FileStat& result) {
  return host_stat(*this, {}, result);
}

long HostInode::read_link(char* target, u64 capacity) {
  return type == Type::link ? host_read_link(*this, target, capacity) : -EINVAL;
}

long HostInode::open(u32 flags, Ref<File>& file) {
  if (type != Type::regular) return -EACCES;  // devices, sockets and FIFOs of the host are out of reach
  auto* opened = kernel().heap.make<HostFile>(kernel(), *this, flags & ~kOpenOnlyFlags);
  file = Ref<File>(opened);
  return opened == nullptr ? -ENOMEM : opened->error();
}

long HostInode::make_writable(bool keep_contents, Ref<Inode>& result) {
  if (tree_entry == nullptr) return -ENOENT;
  Ref<Inode> self(this);  // the entry is about to let go of it
  abi::FileStat status{};
  if (long error = stat(status); error != 0) return error;
  if (type == Type::link) {
    auto* link = kernel().heap.make<OverlayLink>(kernel(), OverlayAttributes(status));
    result = Ref<Inode>(link);
    if (link == nullptr) return -ENOMEM;
    long size = read_link(reinterpret_cast<char*>(shared().io), kPathBytes);
    if (size < 0) return size;
    if (!link->set_target(reinterpret_cast<const char*>(shared().io), static_cast<u64>(size))) return -ENOMEM;
  } else if (type == Type::regular) {
    if (!keep_contents) status.size = 0;
    if (long error = copy_contents(status, result); error != 0) return error;
  } else {
    return -EACCES;
  }
  EntryTable::set_inode(*tree_entry, result);
  move_watches(*this, *result);
  result->count_link(1);
  return 0;
}

long HostInode::copy_contents(const abi::FileStat& status, Ref<Inode>& result) {
  auto* copy = kernel().heap.make<OverlayInode>(kernel(), OverlayAttributes(status));
  result = Ref<Inode>(copy);
  if (copy == nullptr) return -ENOMEM;
  if (status.size == 0) return 0;
  HostHandle handle(*this);
  if (handle.error() != 0) return handle.error();
  for (u64 offset = 0; offset < status.size;) {
    long size = host_call(abi::Call::file_read, handle.get(), abi::kIoBytes, offset);
    if (size < 0) return size;
    if (size == 0) break;
    UserIo io = UserIo::from_kernel(shared().io, static_cast<u64>(size));
    if (long written = copy->contents.write(io, offset); written != size) return written < 0 ? written : -ENOSPC;
    offset += static_cast<u64>(size);
  }
  return 0;
}

void HostFile::destroy() {
  kernel().heap.destroy(this);
}

long HostFile::read(Thread& thread, UserIo& io) {
  long size = pread(thread, io, position_);
  if (size > 0) position_ += static_cast<u64>(size);
  return size;
}

long HostFile::pread(Thread&, UserIo& io, u64 offset) {
  long total = 0;
  while (!io.done()) {
    u64 wanted = smaller(io.remaining(), abi::kIoBytes);
    long size = host_call(abi::Call::file_read, handle_.get(), wanted, offset + static_cast<u64>(total));
    if (size < 0) return total > 0 ? total : size;
    if (size == 0) break;
    long copied = io.copy_out(shared().io, static_cast<u64>(size));
    if (copied < 0) return total > 0 ? total : copied;
    total += copied;
    if (copied < size || static_cast<u64>(size) < wanted) break;
  }
  return total;
}

long HostFile::seek(Thread&, i64 offset, int whence) {
  // Only these need the size, which the host may have changed.
  u64 size = 0;
  if (whence != kSeekStart && whence != kSeekCurrent) {
    abi::FileStat status{};
    if (long error = handle_.stat_now(status); error != 0) return error;
    size = status.size;
  }
  return seek_to(offset, whence, size);
}

long HostFile::stat(struct stat& result) {
  abi::FileStat status{};
  if (long error = handle_.stat_now(status); error != 0) return error;
  to_stat(status, result);
  return 0;
}

u64 HostFile::mappable_bytes(u64 wanted) {
  if (wanted <= known_size_) return known_size_;
  // This may come from a fault in the middle of a copy out of the I/O buffer.
  abi::FileStat kept{};
  std::memcpy(&kept, shared().io, sizeof kept);
  if (host_call(abi::Call::file_stat, handle_.get()) == 0) {
    abi::FileStat status{};
    std::memcpy(&status, shared().io, sizeof status);
    known_size_ = status.size;
  }
  std::memcpy(shared().io, &kept, sizeof kept);
  return known_size_;
}

long HostFile::map(u64 address, u64 pages, u32 protection, u64 offset) {
  return host_call(abi::Call::map_file, address, pages, protection, handle_.get(), offset);
}

}  // namespace mayfly::kernel
