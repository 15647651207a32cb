#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/pipe.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

constexpr u32 kSettableFlags = O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME | FASYNC;

struct FileLock {  // struct flock of the x86-64 ABI
  short type;
  short whence;
  i64 start;
  i64 length;
  i32 process;
};

/// Locks are between processes, and there is only one: every lock is free and every request succeeds.
long lock(u32 command, UserAddress address) {
  FileLock request{};
  if (!read_user(address, request)) return -EFAULT;
  if (request.type != F_RDLCK && request.type != F_WRLCK && request.type != F_UNLCK) return -EINVAL;
  if (command != F_GETLK && command != F_OFD_GETLK) return 0;
  request.type = F_UNLCK;
  return write_user(address, request) ? 0 : -EFAULT;
}

long duplicate(FdTable& files, Ref<File> file, u64 minimum, bool close_on_exec) {
  if (minimum >= files.limit()) return -EINVAL;
  return files.add(std::move(file), close_on_exec, static_cast<int>(minimum));
}

long pipe_capacity(File& file, u32 command, u64 size_bytes) {
  Pipe* pipe = file.as_pipe();
  if (pipe == nullptr) return -EBADF;
  if (command == F_GETPIPE_SZ) return static_cast<long>(pipe->capacity());
  return pipe->set_capacity(size_bytes);
}

}  // namespace

MAYFLY_SYSCALL(fcntl) {
  FdTable& files = thread.process.files;
  int fd = args.fd();
  Ref<File> file = files.get(fd);
  if (!file) return -EBADF;
  auto command = static_cast<u32>(args[1]);
  switch (command) {
    case F_DUPFD:
      return duplicate(files, std::move(file), args[2], false);
    case F_DUPFD_CLOEXEC:
      return duplicate(files, std::move(file), args[2], true);
    case F_GETFD:
      return files.close_on_exec(fd) ? FD_CLOEXEC : 0;
    case F_SETFD:
      files.set_close_on_exec(fd, (args[2] & FD_CLOEXEC) != 0);
      return 0;
    case F_GETFL:
      return static_cast<long>(file->flags());
    case F_SETFL:
      file->set_flags((file->flags() & ~kSettableFlags) | (static_cast<u32>(args[2]) & kSettableFlags));
      return 0;
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW:
    case F_OFD_GETLK:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
      return lock(command, args[2]);
    case F_GETOWN:
    case F_SETOWN:
    case F_GETSIG:
    case F_SETSIG:
      return 0;
    case F_SETPIPE_SZ:
    case F_GETPIPE_SZ:
      return pipe_capacity(*file, command, args[2]);
    case F_ADD_SEALS:
    case F_GET_SEALS:
      // memfd_create's files are the only ones with seals; they are regular. Nobody else could break a seal.
      return file->pollable() ? -EINVAL : 0;
    default:
      return -EINVAL;
  }
}

}  // namespace mayfly::kernel
