#include "guest/kernel/file/volume_file.h"

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/file_events.h"

namespace mayfly::kernel {

void VolumeFile::destroy() {
  kernel().heap.destroy(this);
}

long VolumeFile::write_at(UserIo& io, u64 offset) {
  long total = 0;
  while (!io.done()) {
    long size = io.copy_in(shared().io, abi::kIoBytes);
    if (size < 0) return total > 0 ? total : size;
    u64 at = offset == abi::kAppend ? offset : offset + static_cast<u64>(total);
    long written = host_call(abi::Call::file_write, handle_.get(), static_cast<u64>(size), at);
    if (written < 0) return total > 0 ? total : written;
    total += written;
    if (written < size) break;
  }
  if (total > 0) notify(inode(), IN_MODIFY);
  return total;
}

long VolumeFile::write(Thread& thread, UserIo& io) {
  long size = pwrite(thread, io, position_);
  if (size <= 0) return size;
  abi::FileStat status{};
  if ((flags() & O_APPEND) == 0) {
    position_ += static_cast<u64>(size);
  } else if (handle_.stat_now(status) == 0) {
    position_ = status.size;
  }
  return size;
}

long VolumeFile::pwrite(Thread&, UserIo& io, u64 offset) {
  return write_at(io, (flags() & O_APPEND) != 0 ? abi::kAppend : offset);
}

long VolumeFile::truncate(u64 size_bytes) {
  return writable() ? host_call(abi::Call::file_truncate, handle_.get(), size_bytes) : -EINVAL;
}

long VolumeFile::allocate(u64 mode, u64 offset, u64 size_bytes) {
  return host_call(abi::Call::file_allocate, handle_.get(), mode, offset, size_bytes);
}

long VolumeFile::sync() {
  return host_call(abi::Call::file_sync, handle_.get());
}

long VolumeFile::change(const AttributeChange& change) {
  std::memcpy(shared().io, &change, sizeof change);
  return host_call(abi::Call::file_change, handle_.get());
}

void VolumeDirectoryFile::destroy() {
  kernel().heap.destroy(this);
}

long VolumeDirectoryFile::seek(Thread& thread, i64 offset, int whence) {
  if (offset == 0 && whence == kSeekStart) handle_.reopen(inode());
  return DirectoryFile::seek(thread, offset, whence);
}

long VolumeDirectoryFile::list_names(u64 cursor, DirectorySink& sink) {
  return handle_.list(cursor, 0, sink, [](Name) { return true; });
}

}  // namespace mayfly::kernel
