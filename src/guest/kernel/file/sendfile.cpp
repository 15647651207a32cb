// Copies between two descriptors without the program's memory: sendfile, splice, copy_file_range.
#include <linux/fs.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/pipe.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kMaxTransfer = 0x7fff'f000;
constexpr u64 kBounceBytes = 64 * 1024;
constexpr u64 kCurrentPosition = ~u64{0};

/// One side of a copy: a file at an offset of its own, or at the description's position.
struct Side {
  File& file;
  u64 offset = kCurrentPosition;
  [[nodiscard]] bool positioned() const { return offset != kCurrentPosition; }
};

long put(Thread& thread, Side& to, void* bytes, u64 size_bytes) {
  UserIo io = UserIo::from_kernel(bytes, size_bytes);
  long written = to.positioned() ? to.file.pwrite(thread, io, to.offset) : to.file.write(thread, io);
  if (written > 0 && to.positioned()) to.offset += static_cast<u64>(written);
  return written;
}

/// Copies from a file that can be read at an offset: what could not be written is not consumed.
long copy(Thread& thread, Side& from, Side& to, u64 size_bytes, u8* bounce) {
  u64 total = 0;
  while (total < size_bytes) {
    u64 step = size_bytes - total < kBounceBytes ? size_bytes - total : kBounceBytes;
    UserIo io = UserIo::from_kernel(bounce, step);
    long got = from.file.pread(thread, io, from.offset);
    if (got <= 0) return total > 0 ? static_cast<long>(total) : got;
    long written = put(thread, to, bounce, static_cast<u64>(got));
    if (written <= 0) return total > 0 ? static_cast<long>(total) : written;
    from.offset += static_cast<u64>(written);
    total += static_cast<u64>(written);
    if (written < got) break;
  }
  return static_cast<long>(total);
}

/// `from` at its own position when that can be moved.
long copy_seekable(Thread& thread, Side& from, Side& to, u64 size_bytes) {
  constexpr int kSet = 0;
  constexpr int kCurrent = 1;
  bool move_position = !from.positioned();
  if (move_position) {
    long position = from.file.seek(thread, 0, kCurrent);
    if (position < 0) return position == -ESPIPE ? -EINVAL : position;
    from.offset = static_cast<u64>(position);
  }
  Heap& heap = thread.kernel.heap;
  auto* bounce = static_cast<u8*>(heap.allocate(kBounceBytes));
  if (bounce == nullptr) return -ENOMEM;
  long result = copy(thread, from, to, size_bytes, bounce);
  heap.release(bounce, kBounceBytes);
  if (move_position && result > 0) from.file.seek(thread, static_cast<i64>(from.offset), kSet);
  return result;
}

/// Waits as read would, then moves one page's worth at most: splice may be short.
long copy_from_pipe(Thread& thread, File& end, Side& to, u64 size_bytes, bool nonblocking) {
  Pipe& pipe = *end.as_pipe();
  while (pipe.queue.empty()) {
    if (pipe.writer == nullptr) return 0;
    if (nonblocking) return -EAGAIN;
    long result = thread.wait(end.waiters);
    if (result != 0) return result;
  }
  u8* bounce = thread.kernel.heap.allocate_page();
  if (bounce == nullptr) return -ENOMEM;
  u64 step = size_bytes < abi::kPageSize ? size_bytes : abi::kPageSize;
  UserIo io = UserIo::from_kernel(bounce, step);
  long result = pipe.queue.peek(io, step);
  if (result > 0) result = put(thread, to, bounce, static_cast<u64>(result));
  if (result > 0) {
    pipe.queue.discard(static_cast<u64>(result));
    PipeEnd::wake_writer(pipe);
  }
  thread.kernel.heap.release_page(bounce);
  return result;
}

/// Offsets that the program passes by address. @return 0, -EFAULT or -EINVAL
long read_offset(UserAddress address, Side& side) {
  if (address == 0) return 0;
  if (!read_user(address, side.offset)) return -EFAULT;
  return static_cast<i64>(side.offset) < 0 ? -EINVAL : 0;
}
bool write_offset(UserAddress address, const Side& side) {
  return address == 0 || write_user(address, side.offset);
}

u64 clamp(u64 size_bytes) {
  return size_bytes < kMaxTransfer ? size_bytes : kMaxTransfer;
}

}  // namespace

MAYFLY_SYSCALL(sendfile) {
  FdTable& files = thread.process.files;
  Ref<File> out = files.get(args.fd(0));
  Ref<File> in = files.get(args.fd(1));
  if (!out || !in || !out->writable() || !in->readable()) return -EBADF;
  Side from{*in};
  Side to{*out};
  if (long error = read_offset(args[2], from)) return error;
  long result = copy_seekable(thread, from, to, clamp(args[3]));
  return write_offset(args[2], from) ? result : -EFAULT;
}

MAYFLY_SYSCALL(copy_file_range) {
  if (args[5] != 0) return -EINVAL;
  FdTable& files = thread.process.files;
  Ref<File> in = files.get(args.fd(0));
  Ref<File> out = files.get(args.fd(2));
  if (!out || !in || !out->writable() || !in->readable() || (out->flags() & O_APPEND) != 0) return -EBADF;
  if (in->pollable() || out->pollable()) return -EINVAL;
  Side from{*in};
  Side to{*out};
  if (long error = read_offset(args[1], from)) return error;
  if (long error = read_offset(args[3], to)) return error;
  long result = copy_seekable(thread, from, to, clamp(args[4]));
  return write_offset(args[1], from) && write_offset(args[3], to) ? result : -EFAULT;
}

MAYFLY_SYSCALL(splice) {
  constexpr u64 kNonblock = 2;  // SPLICE_F_NONBLOCK
  FdTable& files = thread.process.files;
  Ref<File> in = files.get(args.fd(0));
  Ref<File> out = files.get(args.fd(2));
  if (!out || !in || !out->writable() || !in->readable()) return -EBADF;
  bool from_pipe = in->as_pipe() != nullptr;
  bool to_pipe = out->as_pipe() != nullptr;
  if (!from_pipe && !to_pipe) return -EINVAL;
  if ((from_pipe && args[1] != 0) || (to_pipe && args[3] != 0)) return -ESPIPE;
  if (args[4] == 0) return 0;
  Side from{*in};
  Side to{*out};
  if (long error = read_offset(args[1], from)) return error;
  if (long error = read_offset(args[3], to)) return error;
  bool nonblocking = (args[5] & kNonblock) != 0;
  // One buffer of the pipe at a time, so that a write that was begun does not block on what the pipe cannot hold.
  u64 size_bytes = args[4] < Pipe::kAtomicBytes ? args[4] : Pipe::kAtomicBytes;
  long result = from_pipe ? copy_from_pipe(thread, *in, to, size_bytes, nonblocking || in->nonblocking())
                          : copy_seekable(thread, from, to, size_bytes);
  return write_offset(args[1], from) && write_offset(args[3], to) ? result : -EFAULT;
}

// Rarely used, and always with a fallback.
MAYFLY_SYSCALL(tee) {
  return -ENOSYS;
}
MAYFLY_SYSCALL(vmsplice) {
  return -ENOSYS;
}

}  // namespace mayfly::kernel
