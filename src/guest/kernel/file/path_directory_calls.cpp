// The working and the root directory, and reading directories.
#include <linux/capability.h>

#include <cstring>

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

/// The rest of an absolute path behind a root's, or null.
const char* below(const char* root, const char* path) {
  u64 size = std::strlen(root);
  if (size == 1) return path;
  if (std::strncmp(root, path, size) != 0) return nullptr;
  if (path[size] == '\0') return "/";
  return path[size] == '/' ? path + size : nullptr;
}

}  // namespace

MAYFLY_SYSCALL(getcwd) {
  Ref<Directory> directory;
  if (long error = thread.kernel.vfs.working_directory(thread.process, directory); error != 0) return error;
  Scratch path(thread.kernel.heap);
  if (!path) return -ENOMEM;
  long length = directory->path(path.text());  // -ENOENT if it was removed
  if (length < 0) return length;
  const char* shown = path.text();
  Scratch root(thread.kernel.heap);
  if (thread.process.root_directory) {
    if (!root) return -ENOMEM;
    long root_length = thread.process.root_directory->path(root.text());
    if (root_length < 0) return root_length;
    shown = below(root.text(), path.text());
    if (shown == nullptr) return -ENOENT;  // it is outside of the root
  }
  u64 size = std::strlen(shown) + 1;
  if (args[1] < size) return -ERANGE;
  return copy_to_user(args[0], shown, size) ? static_cast<long>(size) : -EFAULT;
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

MAYFLY_SYSCALL(chroot) {
  Lookup lookup;
  if (long error = look_up_at(thread, AT_FDCWD, args[0], 0, true, lookup); error != 0) return error;
  Directory* directory = lookup.inode ? lookup.inode->as_directory() : nullptr;
  if (directory == nullptr) return -ENOTDIR;
  if (!is_capable(thread.process, CAP_SYS_CHROOT)) return -EPERM;
  // Before the root changes, in case nobody has asked for it yet.
  Ref<Directory> working_directory;
  (void)thread.kernel.vfs.working_directory(thread.process, working_directory);
  thread.process.root_directory = Ref<Directory>(directory);
  return 0;
}

}  // namespace mayfly::kernel
