// The working directory, and reading directories.
#include <cstring>

#include "guest/kernel/file/path_argument.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

long change_directory(Process& process, Inode* inode) {
  Directory* directory = inode == nullptr ? nullptr : inode->as_directory();
  if (directory == nullptr) return -ENOTDIR;
  Scratch path(process.kernel.heap);
  if (!path) return -ENOMEM;
  long length = directory->path(path.text());
  if (length < 0) return length;
  std::memcpy(process.working_directory, path.text(), static_cast<u64>(length) + 1);
  return 0;
}

}  // namespace

MAYFLY_SYSCALL(getcwd) {
  const char* directory = thread.process.working_directory;
  u64 size = std::strlen(directory) + 1;
  if (args[1] < size) return -ERANGE;
  // A directory that was removed has no path any more.
  Lookup lookup;
  if (thread.kernel.vfs.look_up(thread.process, AT_FDCWD, directory, Vfs::Follow::yes, lookup) != 0) return -ENOENT;
  if (lookup.missing() != 0) return -ENOENT;
  return copy_to_user(args[0], directory, size) ? static_cast<long>(size) : -EFAULT;
}

MAYFLY_SYSCALL(chdir) {
  Lookup lookup;
  if (long error = look_up_at(thread, AT_FDCWD, args[0], 0, true, lookup); error != 0) return error;
  return change_directory(thread.process, lookup.inode.get());
}

MAYFLY_SYSCALL(fchdir) {
  Ref<File> file = thread.process.files.get(args.fd());
  if (!file) return -EBADF;
  InodeFile* named = InodeFile::from(file.get());
  return change_directory(thread.process, named == nullptr ? nullptr : &named->inode());
}

MAYFLY_SYSCALL(getdents64) {
  Ref<File> file = thread.process.files.get(args.fd());
  if (!file) return -EBADF;
  UserIo io(args[1], static_cast<u32>(args[2]));
  return file->list(thread, io);
}

MAYFLY_SYSCALL(umask) {
  u32 before = thread.process.umask;
  thread.process.umask = static_cast<u32>(args[0]) & 0777;
  return before;
}

// There is nothing outside of it.
MAYFLY_SYSCALL(chroot) {
  return -EPERM;
}

}  // namespace mayfly::kernel
