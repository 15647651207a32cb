#include <asm/ioctls.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

long set_flag(File& file, u32 flag, UserAddress value_address) {
  i32 value = 0;
  if (!read_user(value_address, value)) return -EFAULT;
  file.set_flags(value != 0 ? file.flags() | flag : file.flags() & ~flag);
  return 0;
}

}  // namespace

MAYFLY_SYSCALL(ioctl) {
  FdTable& files = thread.process.files;
  int fd = args.fd();
  Ref<File> file = files.get(fd);
  if (!file) return -EBADF;
  auto command = static_cast<u32>(args[1]);
  switch (command) {
    case FIOCLEX:
    case FIONCLEX:
      files.set_close_on_exec(fd, command == FIOCLEX);
      return 0;
    case FIONBIO:
      return set_flag(*file, O_NONBLOCK, args[2]);
    case FIOASYNC:
      return set_flag(*file, FASYNC, args[2]);
    default:
      return file->ioctl(thread, command, args[2]);
  }
}

// libuv and others try io_uring first and take this answer well; saying so each time would be noise.
MAYFLY_SYSCALL(io_uring_setup) {
  return -ENOSYS;
}
MAYFLY_SYSCALL(io_uring_enter) {
  return -ENOSYS;
}
MAYFLY_SYSCALL(io_uring_register) {
  return -ENOSYS;
}

}  // namespace mayfly::kernel
