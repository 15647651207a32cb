// open(2) and its kin.
#include <linux/openat2.h>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/file/overlay_file.h"
#include "guest/kernel/file/path_argument.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

constexpr u32 kMemoryFileFlags = 0xf | 0x10;  // MFD_*, <linux/memfd.h>, up to MFD_EXEC
constexpr u32 kMemoryFileCloseOnExec = 1;
constexpr u32 kMemoryFileHugePages = 4;
constexpr u64 kMemoryFileNameBytes = 250;

long open_at(Thread& thread, int directory, UserAddress path_address, u32 flags, u32 mode) {
  PathArgument path(thread, path_address);
  if (path.error() != 0) return path.error();
  Ref<File> file;
  if (long error = thread.kernel.vfs.open(thread.process, directory, path.text(), flags, mode, file); error != 0) {
    return error;
  }
  return thread.process.files.add(std::move(file), (flags & O_CLOEXEC) != 0);
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
  if (args[3] < sizeof how) return -EINVAL;
  if (args[3] > sizeof how) return -E2BIG;
  if (!read_user(args[2], how)) return -EFAULT;
  if (how.resolve != 0) {
    report(abi::ReportKind::unsupported, "openat2 with RESOLVE_* flags");
    return -EINVAL;
  }
  if (how.flags > 0xffff'ffff || how.mode > 07777) return -EINVAL;
  return open_at(thread, args.fd(), args[1], static_cast<u32>(how.flags), static_cast<u32>(how.mode));
}

MAYFLY_SYSCALL(memfd_create) {
  Scratch name(thread.kernel.heap);
  if (!name) return -ENOMEM;
  long length = copy_string_from_user(name.text(), args[0], kMemoryFileNameBytes);
  if (length < 0) return length == -ENAMETOOLONG ? -EINVAL : length;
  auto flags = static_cast<u32>(args[1]);
  if ((flags & ~kMemoryFileFlags) != 0 || (flags & kMemoryFileHugePages) != 0) return -EINVAL;
  Kernel& kernel = thread.kernel;
  Ref<Inode> inode(kernel.heap.make<OverlayInode>(kernel, OverlayAttributes(kernel, kModeRegular | 0777)));
  if (!inode) return -ENOMEM;
  Ref<File> file;
  if (long error = inode->open(O_RDWR, file); error != 0) return error;
  return thread.process.files.add(std::move(file), (flags & kMemoryFileCloseOnExec) != 0);
}

}  // namespace mayfly::kernel
