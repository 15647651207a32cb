// close, dup and their relatives.
#include <linux/close_range.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {

MAYFLY_SYSCALL(close) {
  return thread.process.files.close(args.fd());
}

MAYFLY_SYSCALL(close_range) {
  u32 first = static_cast<u32>(args[0]);
  u32 last = static_cast<u32>(args[1]);
  u32 flags = static_cast<u32>(args[2]);
  if (first > last || (flags & ~u32{CLOSE_RANGE_CLOEXEC | CLOSE_RANGE_UNSHARE}) != 0) return -EINVAL;
  if (first >= FdTable::kMaxDescriptors) return 0;
  FdTable& files = thread.process.files;
  for (int fd = files.next_open(static_cast<int>(first)); fd >= 0 && static_cast<u32>(fd) <= last;
       fd = files.next_open(fd + 1)) {
    if ((flags & CLOSE_RANGE_CLOEXEC) != 0) {
      files.set_close_on_exec(fd, true);
    } else {
      files.close(fd);
    }
  }
  return 0;
}

MAYFLY_SYSCALL(dup) {
  Ref<File> file = thread.process.files.get(args.fd());
  if (!file) return -EBADF;
  return thread.process.files.add(std::move(file), false);
}

MAYFLY_SYSCALL(dup2) {
  Ref<File> file = thread.process.files.get(args.fd(0));
  if (!file) return -EBADF;
  if (args.fd(0) == args.fd(1)) return args.fd(0);
  return thread.process.files.set(args.fd(1), std::move(file), false);
}

MAYFLY_SYSCALL(dup3) {
  u32 flags = static_cast<u32>(args[2]);
  if ((flags & ~u32{O_CLOEXEC}) != 0 || args.fd(0) == args.fd(1)) return -EINVAL;
  Ref<File> file = thread.process.files.get(args.fd(0));
  if (!file) return -EBADF;
  return thread.process.files.set(args.fd(1), std::move(file), (flags & O_CLOEXEC) != 0);
}

}  // namespace mayfly::kernel
