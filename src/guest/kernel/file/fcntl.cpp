#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/file_mode.h"
#include "guest/kernel/file/lock_calls.h"
#include "guest/kernel/file/memory_file.h"
#include "guest/kernel/file/pipe.h"
#include "guest/kernel/file/signal_owner.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

constexpr u32 kSettableFlags = O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME;

struct OwnerEx {  // struct f_owner_ex
  i32 kind;
  i32 id;
};

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

bool is_regular(File& file) {
  struct stat status {};
  return file.stat(status) == 0 && (status.st_mode & kModeType) == kModeRegular;
}

long set_status_flags(File& file, int fd, u32 flags) {
  // On a pipe O_DIRECT means packets; elsewhere it is for disks.
  if ((flags & O_DIRECT) != 0 && file.as_pipe() == nullptr && !is_regular(file)) return -EINVAL;
  bool async = (flags & FASYNC) != 0;
  if (file.can_signal() && async != ((file.flags() & FASYNC) != 0)) {
    if (long error = file.set_async(async, fd); error != 0) return error;
  }
  file.set_flags((file.flags() & ~kSettableFlags) | (flags & kSettableFlags));
  return 0;
}

long set_owner(File& file, i32 id) {
  SignalOwner* owner = file.signal_owner(true);
  if (owner == nullptr) return -ENOMEM;
  if (id == INT32_MIN) return -EINVAL;
  return id < 0 ? owner->set(SignalOwner::kGroup, -id) : owner->set(SignalOwner::kProcess, id);
}

long get_owner(File& file) {
  const SignalOwner* owner = file.signal_owner(false);
  if (owner == nullptr) return 0;
  return owner->kind() == SignalOwner::kGroup ? -owner->id() : owner->id();
}

long set_owner_ex(File& file, UserAddress address) {
  OwnerEx request{};
  if (!read_user(address, request)) return -EFAULT;
  SignalOwner* owner = file.signal_owner(true);
  return owner == nullptr ? -ENOMEM : owner->set(request.kind, request.id);
}

long get_owner_ex(File& file, UserAddress address) {
  const SignalOwner* owner = file.signal_owner(false);
  OwnerEx result{SignalOwner::kProcess, 0};
  if (owner != nullptr) result = {owner->kind(), owner->id()};
  return write_user(address, result) ? 0 : -EFAULT;
}

long set_signal(File& file, u64 signal) {
  SignalOwner* owner = file.signal_owner(true);
  return owner == nullptr ? -ENOMEM : owner->set_signal(signal);
}

/// Commands about who is told of what happens.
long notify(File& file, u32 command, u64 argument) {
  switch (command) {
    case F_SETOWN:
      return set_owner(file, static_cast<i32>(argument));
    case F_GETOWN:
      return get_owner(file);
    case F_SETOWN_EX:
      return set_owner_ex(file, argument);
    case F_GETOWN_EX:
      return get_owner_ex(file, argument);
    case F_SETSIG:
      return set_signal(file, argument);
    case F_GETSIG:
      return file.signal_owner(false) == nullptr ? 0 : file.signal_owner(false)->signal();
    default:
      return -EINVAL;
  }
}

long lock(Thread& thread, int fd, File& file, u32 command, UserAddress address) {
  long result = lock_range(thread, file, command, address);
  // Another thread may have closed the descriptor while this one waited: close had nothing to give back then.
  if (result == 0 && thread.process.files.get(fd).get() != &file) file.descriptor_closed();
  return result;
}

bool allowed_for_path(u32 command) {
  return command == F_DUPFD || command == F_DUPFD_CLOEXEC || command == F_GETFD || command == F_SETFD ||
         command == F_GETFL;
}

}  // namespace

MAYFLY_SYSCALL(fcntl) {
  FdTable& files = thread.process.files;
  int fd = args.fd();
  Ref<File> file = files.get(fd);
  if (!file) return -EBADF;
  auto command = static_cast<u32>(args[1]);
  if ((file->flags() & O_PATH) != 0 && !allowed_for_path(command)) return -EBADF;
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
      return set_status_flags(*file, fd, static_cast<u32>(args[2]));
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW:
    case F_OFD_GETLK:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
      return lock(thread, fd, *file, command, args[2]);
    case F_SETPIPE_SZ:
    case F_GETPIPE_SZ:
      return pipe_capacity(*file, command, args[2]);
    case F_ADD_SEALS:
      return add_seals(*file, args[2]);
    case F_GET_SEALS:
      return get_seals(*file);
    default:
      return notify(*file, command, args[2]);
  }
}

}  // namespace mayfly::kernel
