#include "guest/kernel/file/overlay_file.h"

#include <linux/falloc.h>

#include <cstring>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/file_events.h"

namespace mayfly::kernel {

OverlayInode::OverlayInode(Kernel& kernel, const OverlayAttributes& attributes)
    : Inode(kernel, Type::regular), contents(kernel.heap), attributes_(attributes), extended_(kernel.heap) {}

void OverlayInode::destroy() {
  kernel().heap.destroy(this);
}

long OverlayInode::stat(abi::FileStat& result) {
  attributes_.stat(contents.size(), contents.pages(), result);
  return 0;
}

long OverlayInode::open(u32 flags, Ref<File>& file) {
  if ((flags & O_TRUNC) != 0) (void)truncate(0);  // which cannot fail
  return open_file<OverlayFile>(kernel(), *this, flags, file);
}

long OverlayInode::change(const AttributeChange& change) {
  attributes_.change(change, static_cast<i64>(realtime_ns()));
  return 0;
}

long OverlayInode::truncate(u64 size_bytes) {
  if (size_bytes < contents.size() && has_seal(F_SEAL_SHRINK)) return -EPERM;
  if (size_bytes > contents.size() && has_seal(F_SEAL_GROW)) return -EPERM;
  long error = contents.resize(size_bytes);
  if (error == 0) touch();
  return error;
}

void OverlayInode::count_link(int change) {
  attributes_.links += static_cast<u32>(change);
  attributes_.changed_ns = static_cast<i64>(realtime_ns());
  first_link_allowed_ = false;
}

bool OverlayInode::is_shown_writable() const {
  return kernel().process.memory.shows_writable(contents);
}

long OverlayInode::check_write(u64 end) const {
  if (has_seal(F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) return -EPERM;
  return has_seal(F_SEAL_GROW) && end > contents.size() ? -EPERM : 0;
}

long OverlayInode::check_allocate(u64 mode, bool grows) const {
  bool overwrites = (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) != 0;
  if (overwrites && has_seal(F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) return -EPERM;
  return grows && has_seal(F_SEAL_GROW) ? -EPERM : 0;
}

void OverlayInode::touch() {
  attributes_.touch(static_cast<i64>(realtime_ns()));
  notify(*this, IN_MODIFY);
}

void OverlayFile::destroy() {
  kernel().heap.destroy(this);
}

long OverlayFile::read(Thread&, UserIo& io) {
  long size = overlay_.contents.read(io, position_);
  if (size > 0) position_ += static_cast<u64>(size);
  return size;
}

long OverlayFile::write(Thread& thread, UserIo& io) {
  if ((flags() & O_APPEND) != 0) position_ = overlay_.contents.size();
  long size = pwrite(thread, io, position_);
  if (size > 0) position_ += static_cast<u64>(size);
  return size;
}

long OverlayFile::pread(Thread&, UserIo& io, u64 offset) {
  return overlay_.contents.read(io, offset);
}

long OverlayFile::pwrite(Thread&, UserIo& io, u64 offset) {
  // pwrite(2): on Linux, O_APPEND wins over the offset.
  if ((flags() & O_APPEND) != 0) offset = overlay_.contents.size();
  if (long error = overlay_.check_write(offset + io.remaining()); error != 0) return error;
  long size = overlay_.contents.write(io, offset);
  if (size > 0) overlay_.touch();
  return size;
}

long OverlayFile::seek(Thread&, i64 offset, int whence) {
  u64 size = overlay_.contents.size();
  bool for_data = whence == kSeekData;
  if ((!for_data && whence != kSeekHole) || offset < 0 || static_cast<u64>(offset) >= size) {
    return seek_to(offset, whence, size);
  }
  auto from = static_cast<u64>(offset);
  u64 target = for_data ? overlay_.contents.next_data(from) : overlay_.contents.next_hole(from);
  if (for_data && target == size) return -ENXIO;  // nothing but a hole up to the end
  return seek_to(static_cast<i64>(target), kSeekStart, size);
}

long OverlayFile::truncate(u64 size_bytes) {
  return writable() ? overlay_.truncate(size_bytes) : -EINVAL;
}

long OverlayFile::allocate(u64 mode, u64 offset, u64 size_bytes) {
  constexpr u64 kModes = FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE;
  if ((mode & ~kModes) != 0) return -EOPNOTSUPP;
  bool grows = (mode & FALLOC_FL_KEEP_SIZE) == 0 && offset + size_bytes > overlay_.contents.size();
  if (long error = overlay_.check_allocate(mode, grows); error != 0) return error;
  if ((mode & FALLOC_FL_PUNCH_HOLE) != 0) {
    // fallocate(2): a hole must keep the size, and is not zeroed range as well.
    if (mode != (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)) return -EOPNOTSUPP;
    overlay_.contents.punch(offset, size_bytes);
    overlay_.touch();
    return 0;
  }
  if (offset + size_bytes > PageStore::kMaxBytes) return -EFBIG;
  if ((mode & FALLOC_FL_ZERO_RANGE) != 0) overlay_.contents.punch(offset, size_bytes);
  if (long error = overlay_.contents.allocate(offset, size_bytes); error != 0) return error;
  overlay_.touch();
  return grows ? overlay_.truncate(offset + size_bytes) : 0;
}

long OverlayFile::map(u64 address, u64 pages, u32 protection, u64 offset) {
  return overlay_.contents.map(address, pages, protection, offset);
}

OverlayLink::OverlayLink(Kernel& kernel, const OverlayAttributes& attributes)
    : Inode(kernel, Type::link), attributes_(attributes), extended_(kernel.heap) {}

OverlayLink::~OverlayLink() {
  if (target_ != nullptr) kernel().heap.release(target_, target_bytes_);
}

void OverlayLink::destroy() {
  kernel().heap.destroy(this);
}

bool OverlayLink::set_target(const char* target, u64 size_bytes) {
  target_ = static_cast<char*>(kernel().heap.allocate(size_bytes));
  if (target_ == nullptr) return false;
  target_bytes_ = size_bytes;
  std::memcpy(target_, target, size_bytes);
  return true;
}

long OverlayLink::stat(abi::FileStat& result) {
  attributes_.stat(target_bytes_, 0, result);
  return 0;
}

long OverlayLink::read_link(char* target, u64 capacity) {
  u64 size = target_bytes_ < capacity ? target_bytes_ : capacity;
  std::memcpy(target, target_, size);
  return static_cast<long>(size);
}

long OverlayLink::change(const AttributeChange& change) {
  attributes_.change(change, static_cast<i64>(realtime_ns()));
  return 0;
}

}  // namespace mayfly::kernel
