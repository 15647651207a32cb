// Copies with a pipe at one side or both: splice, tee, vmsplice.
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/file_mode.h"
#include "guest/kernel/file/pipe.h"
#include "guest/kernel/file/transfer.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

/// SPLICE_F_*; those for moving pages are hints.
constexpr u64 kNonblock = 2;
constexpr u64 kFlags = 15;

u64 minimum(u64 a, u64 b) {
  return a < b ? a : b;
}

PipeEnd* as_end(File& file) {
  return file.as_pipe() == nullptr ? nullptr : static_cast<PipeEnd*>(&file);
}

/// Waits as read would, then moves what is there.
long from_pipe(Thread& thread, PipeEnd& end, TransferSide& to, u64 size_bytes, bool nonblocking) {
  Pipe& pipe = *end.as_pipe();
  Bounce bounce(thread.kernel.heap);
  if (!bounce) return -ENOMEM;
  if (long result = end.wait_for_contents(thread, nonblocking); result != 0) return result == 1 ? 0 : result;
  u64 total = 0;
  while (total < size_bytes && !pipe.empty()) {
    UserIo io = UserIo::from_kernel(bounce.bytes(), minimum(size_bytes - total, Bounce::kBytes));
    long got = pipe.peek(io);
    long written = got <= 0 ? got : put(thread, to, bounce.bytes(), static_cast<u64>(got));
    if (written <= 0) return total > 0 ? static_cast<long>(total) : written;
    pipe.consume(static_cast<u64>(written));
    pipe.wake_writers();
    total += static_cast<u64>(written);
    if (written < got) break;
  }
  return static_cast<long>(total);
}

/// Reads what has no position: sockets, devices.
long read_into(Thread& thread, File& from, TransferSide& to, u64 size_bytes, bool nonblocking) {
  Bounce bounce(thread.kernel.heap);
  if (!bounce) return -ENOMEM;
  FlagsForCall flags(from, nonblocking ? O_NONBLOCK : 0);
  UserIo io = UserIo::from_kernel(bounce.bytes(), minimum(size_bytes, Bounce::kBytes));
  long got = from.read(thread, io);
  return got <= 0 ? got : put(thread, to, bounce.bytes(), static_cast<u64>(got));
}

/// Moves as much as there is room for, so that what was read can be written at once.
long to_pipe(Thread& thread, TransferSide& from, PipeEnd& end, u64 size_bytes, bool nonblocking) {
  Pipe& pipe = *end.as_pipe();
  if (long result = end.wait_for_room(thread, Pipe::kAtomicBytes, nonblocking); result != 0) return result;
  u64 step = minimum(size_bytes, pipe.room());
  TransferSide to{end};
  bool seekable = from.file.seek(thread, 0, kSeekCurrent) >= 0;
  return seekable ? copy_positioned(thread, from, to, step) : read_into(thread, from.file, to, step, nonblocking);
}

/// Waits until one pipe has contents and the other one room, at the same time.
/// @return as PipeEnd::wait_for_contents and wait_for_room
long wait_for_both(Thread& thread, PipeEnd& in, PipeEnd& out, bool nonblocking) {
  do {
    long result = in.wait_for_contents(thread, nonblocking || in.nonblocking());
    if (result != 0) return result;
    result = out.wait_for_room(thread, Pipe::kAtomicBytes, nonblocking || out.nonblocking());
    if (result != 0) return result;
  } while (in.as_pipe()->empty());  // somebody took it in the meantime
  return 0;
}

long copy_contents(Thread& thread, PipeEnd& in, PipeEnd& out, u64 size_bytes) {
  Bounce bounce(thread.kernel.heap);
  if (!bounce) return -ENOMEM;
  UserIo io = UserIo::from_kernel(bounce.bytes(), minimum(minimum(size_bytes, Bounce::kBytes), out.as_pipe()->room()));
  long got = in.as_pipe()->peek(io);
  TransferSide to{out};
  return got <= 0 ? got : put(thread, to, bounce.bytes(), static_cast<u64>(got));
}

}  // namespace

MAYFLY_SYSCALL(splice) {
  if (args[4] == 0) return 0;
  if ((args[5] & ~kFlags) != 0) return -EINVAL;
  FdTable& files = thread.process.files;
  Ref<File> in = files.get(args.fd(0));
  Ref<File> out = files.get(args.fd(2));
  if (!in || !out) return -EBADF;
  PipeEnd* source = as_end(*in);
  PipeEnd* target = as_end(*out);
  if ((source != nullptr && args[1] != 0) || (target != nullptr && args[3] != 0)) return -ESPIPE;
  TransferSide from{*in};
  TransferSide to{*out};
  if (long error = from.read_offset(args[1]); error != 0) return error;
  if (long error = to.read_offset(args[3]); error != 0) return error;
  if (!out->writable() || !in->readable()) return -EBADF;
  if (source == nullptr && target == nullptr) return -EINVAL;
  bool nonblocking = (args[5] & kNonblock) != 0;
  u64 size_bytes = bounded_transfer(args[4]);
  if (source != nullptr && target != nullptr) {
    if (in->as_pipe() == out->as_pipe()) return -EINVAL;
    if (long result = wait_for_both(thread, *source, *target, nonblocking); result != 0)
      return result == 1 ? 0 : result;
    return from_pipe(thread, *source, to, minimum(size_bytes, out->as_pipe()->room()), true);
  }
  if (target == nullptr && (out->flags() & O_APPEND) != 0) return -EINVAL;
  long result = source != nullptr ? from_pipe(thread, *source, to, size_bytes, nonblocking || in->nonblocking())
                                  : to_pipe(thread, from, *target, size_bytes, nonblocking || out->nonblocking());
  return from.write_offset(args[1]) && to.write_offset(args[3]) ? result : -EFAULT;
}

MAYFLY_SYSCALL(tee) {
  if ((args[3] & ~kFlags) != 0) return -EINVAL;
  if (args[2] == 0) return 0;
  FdTable& files = thread.process.files;
  Ref<File> in = files.get(args.fd(0));
  Ref<File> out = files.get(args.fd(1));
  if (!in || !out || !in->readable() || !out->writable()) return -EBADF;
  PipeEnd* source = as_end(*in);
  PipeEnd* target = as_end(*out);
  if (source == nullptr || target == nullptr || in->as_pipe() == out->as_pipe()) return -EINVAL;
  bool nonblocking = (args[3] & kNonblock) != 0;
  if (long result = wait_for_both(thread, *source, *target, nonblocking); result != 0) return result == 1 ? 0 : result;
  return copy_contents(thread, *source, *target, args[2]);
}

MAYFLY_SYSCALL(vmsplice) {
  if ((args[3] & ~kFlags) != 0) return -EINVAL;
  Ref<File> file = thread.process.files.get(args.fd());
  if (!file || file->as_pipe() == nullptr) return -EBADF;
  UserIo io = UserIo::from_iovec(args[1], args[2]);
  if (io.error() != 0) return io.error();
  FlagsForCall flags(*file, (args[3] & kNonblock) != 0 ? O_NONBLOCK : 0);
  return file->writable() ? file->write(thread, io) : file->read(thread, io);
}

}  // namespace mayfly::kernel
