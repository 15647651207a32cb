#include <asm/ioctls.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/file_mode.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

long set_flag(File& file, u32 flag, UserAddress value_address) {
  i32 value = 0;
  if (!read_user(value_address, value)) return -EFAULT;
  file.set_flags(value != 0 ? file.flags() | flag : file.flags() & ~flag);
  return 0;
}

long set_async(File& file, int fd, UserAddress value_address) {
  i32 value = 0;
  if (!read_user(value_address, value)) return -EFAULT;
  bool on = value != 0;
  if (on == ((file.flags() & FASYNC) != 0)) return 0;
  return file.can_signal() ? file.set_async(on, fd) : -ENOTTY;
}

/// FIONREAD: of a regular file, what is left of it.
long bytes_left(Thread& thread, File& file, UserAddress result) {
  struct stat status {};
  if (file.stat(status) != 0 || (status.st_mode & kModeType) != kModeRegular) {
    return file.ioctl(thread, FIONREAD, result);
  }
  i64 position = file.seek(thread, 0, kSeekCurrent);
  if (position < 0) return position;
  return write_user(result, static_cast<i32>(static_cast<i64>(status.st_size) - position)) ? 0 : -EFAULT;
}

}  // namespace

MAYFLY_SYSCALL(ioctl) {
  FdTable& files = thread.process.files;
  int fd = args.fd();
  Ref<File> file = files.get(fd);
  if (!file || (file->flags() & O_PATH) != 0) return -EBADF;
  auto command = static_cast<u32>(args[1]);
  switch (command) {
    case FIOCLEX:
    case FIONCLEX:
      files.set_close_on_exec(fd, command == FIOCLEX);
      return 0;
    case FIONBIO:
      return set_flag(*file, O_NONBLOCK, args[2]);
    case FIOASYNC:
      return set_async(*file, fd, args[2]);
    case FIONREAD:
      return bytes_left(thread, *file, args[2]);
    default:
      return file->ioctl(thread, command, args[2]);
  }
}

// libuv and others try io_uring first and take this answer well; saying so each time would be noise.
MAYFLY_REFUSED_SYSCALL(io_uring_setup) {
  return -ENOSYS;
}
MAYFLY_REFUSED_SYSCALL(io_uring_enter) {
  return -ENOSYS;
}
MAYFLY_REFUSED_SYSCALL(io_uring_register) {
  return -ENOSYS;
}

}  // namespace mayfly::kernel
