// mknod(2): FIFOs and empty files; devices are not for programs to make.
#include "guest/kernel/file/fifo.h"
#include "guest/kernel/file/path_argument.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

constexpr u32 kPermissions = 07777;

long check_type(u32 type) {
  switch (type) {
    case 0:
    case kModeRegular:
    case kModeFifo:
      return 0;
    case kModeSocket:
    case kModeCharacter:
    case kModeBlock:
    case kModeDirectory:
      return -EPERM;
    default:
      return -EINVAL;
  }
}

long make_node(Thread& thread, int directory, UserAddress path_address, u32 mode) {
  u32 type = mode & kModeType;
  if (long error = check_type(type); error != 0) return error;
  PathArgument path(thread, path_address);
  if (path.error() != 0) return path.error();
  Kernel& kernel = thread.kernel;
  Lookup lookup;
  if (long error = kernel.vfs.look_up(thread.process, directory, path.text(), Vfs::Follow::no, lookup); error != 0) {
    return error;
  }
  if (lookup.missing() == 0) return -EEXIST;
  if (lookup.trailing_slash) return -ENOENT;
  u32 permissions = mode & kPermissions & ~thread.process.umask;
  if (type != kModeFifo) {
    Ref<File> file;
    return lookup.directory->create(lookup.name(), O_RDONLY, permissions, file);
  }
  Ref<Inode> inode(kernel.heap.make<FifoInode>(kernel, permissions));
  return inode ? lookup.directory->add(lookup.name(), inode) : -ENOSPC;
}

}  // namespace

MAYFLY_SYSCALL(mknod) {
  return make_node(thread, AT_FDCWD, args[0], static_cast<u32>(args[1]));
}
MAYFLY_SYSCALL(mknodat) {
  return make_node(thread, args.fd(), args[1], static_cast<u32>(args[2]));
}

}  // namespace mayfly::kernel
