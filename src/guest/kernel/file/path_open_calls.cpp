// open(2) and its kin.
#include <linux/openat2.h>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/file/overlay_file.h"
#include "guest/kernel/file/path_argument.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

long open_at(Thread& thread, int directory, UserAddress path_address, u32 flags, u32 mode, u64 resolve = 0) {
  PathArgument path(thread, path_address);
  if (path.error() != 0) return path.error();
  Ref<File> file;
  Vfs& vfs = thread.kernel.vfs;
  if (long error = vfs.open(thread.process, directory, path.text(), flags, mode, file, resolve); error != 0)
    return error;
  return thread.process.files.add(std::move(file), (flags & O_CLOEXEC) != 0);
}

/// struct open_how, which later kernels may make longer: what they would add must be zero. @return 0 or -errno
long read_how(UserAddress address, u64 size_bytes, open_how& how) {
  if (size_bytes < sizeof how) return -EINVAL;
  if (size_bytes > abi::kPageSize) return -E2BIG;
  if (!read_user(address, how)) return -EFAULT;
  for (u64 at = sizeof how; at < size_bytes; ++at) {
    u8 byte = 0;
    if (!read_user(address + at, byte)) return -EFAULT;
    if (byte != 0) return -E2BIG;
  }
  return 0;
}

/// openat2(2) refuses what open(2) ignores.
long check_how(const open_how& how) {
  constexpr u64 kFlags = O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_SYNC | FASYNC |
                         O_DIRECT | O_LARGEFILE | O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC | O_PATH | O_TMPFILE;
  constexpr u64 kPathFlags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  constexpr u64 kUnnamed = O_TMPFILE & ~O_DIRECTORY;
  constexpr u64 kResolve = RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH |
                           RESOLVE_IN_ROOT | RESOLVE_CACHED;
  constexpr u64 kBoth = RESOLVE_BENEATH | RESOLVE_IN_ROOT;
  if ((how.flags & ~kFlags) != 0 || (how.resolve & ~kResolve) != 0 || (how.resolve & kBoth) == kBoth) return -EINVAL;
  bool creates = (how.flags & (O_CREAT | kUnnamed)) != 0;
  if ((how.mode & ~(creates ? u64{07777} : 0)) != 0) return -EINVAL;
  if ((how.flags & O_PATH) != 0 && (how.flags & ~kPathFlags) != 0) return -EINVAL;
  // All of the tree is at hand, so that nothing else is ever to be waited for.
  bool waits = creates || (how.flags & O_TRUNC) != 0;
  return (how.resolve & RESOLVE_CACHED) != 0 && waits ? -EAGAIN : 0;
}

}  // namespace

MAYFLY_SYSCALL(open) {
  return open_at(thread, AT_FDCWD, args[0], static_cast<u32>(args[1]), static_cast<u32>(args[2]));
}

MAYFLY_SYSCALL(openat) {
  return open_at(thread, args.fd(), args[1], static_cast<u32>(args[2]), static_cast<u32>(args[3]));
}

MAYFLY_SYSCALL(creat) {
  return open_at(thread, AT_FDCWD, args[0], O_CREAT | O_WRONLY | O_TRUNC, static_cast<u32>(args[1]));
}

MAYFLY_SYSCALL(openat2) {
  open_how how{};
  if (long error = read_how(args[2], args[3], how); error != 0) return error;
  if (long error = check_how(how); error != 0) return error;
  return open_at(thread, args.fd(), args[1], static_cast<u32>(how.flags), static_cast<u32>(how.mode), how.resolve);
}

}  // namespace mayfly::kernel
