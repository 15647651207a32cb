// The working directory, and reading directories.
#include "guest/kernel/file/path_argument.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

long change_directory(Process& process, Inode* inode) {
  Directory* directory = inode == nullptr ? nullptr : inode->as_directory();
  if (directory == nullptr) return -ENOTDIR;
  process.working_directory = Ref<Directory>(directory);
  return 0;
}

}  // namespace

MAYFLY_SYSCALL(getcwd) {
  Ref<Directory> directory;
  if (long error = thread.kernel.vfs.working_directory(thread.process, directory); error != 0) return error;
  Scratch path(thread.kernel.heap);
  if (!path) return -ENOMEM;
  long length = directory->path(path.text());  // -ENOENT if it was removed
  if (length < 0) return length;
  u64 size = static_cast<u64>(length) + 1;
  if (args[1] < size) return -ERANGE;
  return copy_to_user(args[0], path.text(), size) ? static_cast<long>(size) : -EFAULT;
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
  InodeFile* named = InodeFile::from(file.get());
  // A directory that was removed has no names, "." and ".." included.
  bool removed = named != nullptr && named->inode().as_directory() != nullptr && !named->inode().in_tree();
  if (removed) return -ENOENT;
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
