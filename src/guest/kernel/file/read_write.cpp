// Moving bytes between descriptors and the program's memory.
#include <linux/fs.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kMaxTransfer = 0x7fff'f000;  // read(2): what one call moves at most

/// Durability hints are free here, and nothing below waits for a disk; the rest is refused as by old file systems.
constexpr u32 kAcceptedFlags = RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT | RWF_APPEND;

/// Status flags in place of RWF_*, for one call.
u32 status_flags(u64 flags) {
  return ((flags & RWF_NOWAIT) != 0 ? O_NONBLOCK : 0u) | ((flags & RWF_APPEND) != 0 ? O_APPEND : 0u);
}

UserIo single(const SyscallArgs& args) {
  return {args[1], args[2] < kMaxTransfer ? args[2] : kMaxTransfer};
}

long read(Thread& thread, int fd, UserIo io) {
  Ref<File> file = thread.process.files.get(fd);
  if (!file || !file->readable()) return -EBADF;
  return io.error() != 0 ? io.error() : file->read(thread, io);
}

long write(Thread& thread, int fd, UserIo io) {
  Ref<File> file = thread.process.files.get(fd);
  if (!file || !file->writable()) return -EBADF;
  return io.error() != 0 ? io.error() : file->write(thread, io);
}

long read_at(Thread& thread, int fd, UserIo io, u64 offset) {
  if (static_cast<i64>(offset) < 0) return -EINVAL;
  Ref<File> file = thread.process.files.get(fd);
  if (!file || !file->readable()) return -EBADF;
  return io.error() != 0 ? io.error() : file->pread(thread, io, offset);
}

long write_at(Thread& thread, int fd, UserIo io, u64 offset) {
  if (static_cast<i64>(offset) < 0) return -EINVAL;
  Ref<File> file = thread.process.files.get(fd);
  if (!file || !file->writable()) return -EBADF;
  return io.error() != 0 ? io.error() : file->pwrite(thread, io, offset);
}

}  // namespace

MAYFLY_SYSCALL(read) {
  return read(thread, args.fd(), single(args));
}
MAYFLY_SYSCALL(write) {
  return write(thread, args.fd(), single(args));
}
MAYFLY_SYSCALL(pread64) {
  return read_at(thread, args.fd(), single(args), args[3]);
}
MAYFLY_SYSCALL(pwrite64) {
  return write_at(thread, args.fd(), single(args), args[3]);
}

MAYFLY_SYSCALL(readv) {
  return read(thread, args.fd(), UserIo::from_iovec(args[1], args[2]));
}
MAYFLY_SYSCALL(writev) {
  return write(thread, args.fd(), UserIo::from_iovec(args[1], args[2]));
}
// The offset's high half (args[4]) is for 32-bit programs.
MAYFLY_SYSCALL(preadv) {
  return read_at(thread, args.fd(), UserIo::from_iovec(args[1], args[2]), args[3]);
}
MAYFLY_SYSCALL(pwritev) {
  return write_at(thread, args.fd(), UserIo::from_iovec(args[1], args[2]), args[3]);
}

MAYFLY_SYSCALL(preadv2) {
  if ((args[5] & ~u64{kAcceptedFlags}) != 0) return -EOPNOTSUPP;
  Ref<File> file = thread.process.files.get(args.fd());
  if (!file) return -EBADF;
  FlagsForCall flags(*file, status_flags(args[5]));
  UserIo io = UserIo::from_iovec(args[1], args[2]);
  return args[3] == ~u64{0} ? read(thread, args.fd(), io) : read_at(thread, args.fd(), io, args[3]);
}

MAYFLY_SYSCALL(pwritev2) {
  if ((args[5] & ~u64{kAcceptedFlags}) != 0) return -EOPNOTSUPP;
  Ref<File> file = thread.process.files.get(args.fd());
  if (!file) return -EBADF;
  FlagsForCall flags(*file, status_flags(args[5]));
  UserIo io = UserIo::from_iovec(args[1], args[2]);
  return args[3] == ~u64{0} ? write(thread, args.fd(), io) : write_at(thread, args.fd(), io, args[3]);
}

}  // namespace mayfly::kernel
