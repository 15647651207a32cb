// Calls that change the tree: all of it happens in the overlay.
#include <linux/fs.h>

#include <cstring>

#include "guest/kernel/file/overlay_directory.h"
#include "guest/kernel/file/overlay_file.h"
#include "guest/kernel/file/path_argument.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

constexpr u32 kPermissions = 07777;

/// Looks up a name that is about to be made, removed or replaced. A link there is meant itself.
long look_up_name(Thread& thread, int directory, UserAddress path_address, Lookup& lookup) {
  PathArgument path(thread, path_address);
  if (path.error() != 0) return path.error();
  return thread.kernel.vfs.look_up(thread.process, directory, path.text(), Vfs::Follow::no, lookup);
}

/// Finds out that a directory has no names.
class EmptinessSink final : public DirectorySink {
 public:
  bool add(Name, u64, u8, u64) override {
    empty = false;
    return false;
  }
  bool empty = true;
};

long check_empty(Directory& directory) {
  EmptinessSink sink;
  if (long error = directory.list(0, sink); error != 0) return error;
  return sink.empty ? 0 : -ENOTEMPTY;
}

/// Adds a new inode at a place where nothing is. @param inode may be null: no memory
long add_new(const Lookup& lookup, const Ref<Inode>& inode) {
  return inode ? lookup.directory->add(lookup.name(), inode) : -ENOSPC;
}

long make_directory(Thread& thread, int directory, UserAddress path, u64 mode) {
  Lookup lookup;
  if (long error = look_up_name(thread, directory, path, lookup); error != 0) return error;
  if (lookup.missing() == 0) return -EEXIST;
  u32 permissions = static_cast<u32>(mode) & kPermissions & ~thread.process.umask;
  return add_new(lookup, Ref<Inode>(thread.kernel.heap.make<OverlayDirectory>(thread.kernel, permissions)));
}

long remove_directory(Thread& thread, int directory, UserAddress path) {
  Lookup lookup;
  if (long error = look_up_name(thread, directory, path, lookup); error != 0) return error;
  if (lookup.missing() != 0) return -ENOENT;
  Directory* removed = lookup.inode->as_directory();
  if (removed == nullptr) return -ENOTDIR;
  // The path ended in "/", "." or "..".
  if (!lookup.directory) return removed == thread.kernel.vfs.root().get() ? -EBUSY : -EINVAL;
  if (long error = check_empty(*removed); error != 0) return error;
  return lookup.directory->remove(lookup.name());
}

long remove_file(Thread& thread, int directory, UserAddress path) {
  Lookup lookup;
  if (long error = look_up_name(thread, directory, path, lookup); error != 0) return error;
  if (lookup.missing() != 0) return -ENOENT;
  if (lookup.inode->type == Inode::Type::directory) return -EISDIR;
  return lookup.directory->remove(lookup.name());
}

long make_link(Thread& thread, UserAddress target_address, int directory, UserAddress path) {
  PathArgument target(thread, target_address);
  if (target.error() != 0) return target.error();
  if (target.empty()) return -ENOENT;
  Lookup lookup;
  if (long error = look_up_name(thread, directory, path, lookup); error != 0) return error;
  if (lookup.missing() == 0) return -EEXIST;
  if (lookup.trailing_slash) return -ENOENT;
  Kernel& kernel = thread.kernel;
  auto* link = kernel.heap.make<OverlayLink>(kernel, OverlayAttributes(kernel, kModeLink | 0777));
  Ref<Inode> inode(link);
  if (link == nullptr || !link->set_target(target.text(), std::strlen(target.text()))) return -ENOSPC;
  return add_new(lookup, inode);
}

long add_hard_link(Thread& thread, int old_directory, UserAddress old_path, int directory, UserAddress path,
                   u64 flags) {
  if ((flags & ~u64{AT_SYMLINK_FOLLOW | AT_EMPTY_PATH}) != 0) return -EINVAL;
  Lookup source;
  Lookup target;
  if (long error = look_up_at(thread, old_directory, old_path, flags, false, source); error != 0) return error;
  if (long error = look_up_name(thread, directory, path, target); error != 0) return error;
  if (target.missing() == 0) return -EEXIST;
  if (target.trailing_slash) return -ENOENT;
  if (!source.inode) return -EXDEV;  // a pipe or socket
  if (source.inode->type == Inode::Type::directory) return -EPERM;
  Ref<Inode> inode;
  if (long error = source.inode->make_writable(true, inode); error != 0) return error;
  return target.directory->add(target.name(), inode);
}

/// True if `inode` is `directory` or has it somewhere below.
bool contains(const Inode& inode, const Directory& directory) {
  for (const Inode* each = &directory; each != nullptr; each = each->container()) {
    if (each == &inode) return true;
  }
  return false;
}

/// What rename(2) says of replacing `target` by `source`.
long check_replacement(const Lookup& source, const Lookup& target) {
  bool directory = source.inode->type == Inode::Type::directory;
  Directory* replaced = target.inode->as_directory();
  if (directory && replaced == nullptr) return -ENOTDIR;
  if (!directory && replaced != nullptr) return -EISDIR;
  return replaced == nullptr ? 0 : check_empty(*replaced);
}

/// Checks both sides of a rename and makes the source an inode that can be moved.
long prepare_rename(const Lookup& source, const Lookup& target, Ref<Inode>& moved) {
  if (source.missing() != 0) return -ENOENT;
  if (!source.directory || !target.directory) return -EBUSY;
  bool directory = source.inode->type == Inode::Type::directory;
  if (!directory && target.trailing_slash) return -ENOTDIR;
  // As overlayfs without redirect_dir: callers then copy, as between file systems.
  if (directory && source.inode->from_host()) return -EXDEV;
  if (directory && contains(*source.inode, *target.directory)) return -EINVAL;
  return source.inode->make_writable(true, moved);
}

long exchange(const Lookup& source, const Lookup& target, const Ref<Inode>& moved) {
  Ref<Inode> other;
  if (target.missing() != 0) return -ENOENT;
  if (long error = prepare_rename(target, source, other); error != 0) return error;
  if (long error = source.directory->remove(source.name()); error != 0) return error;
  if (long error = target.directory->remove(target.name()); error != 0) return error;
  if (long error = source.directory->add(source.name(), other); error != 0) return error;
  return target.directory->add(target.name(), moved);
}

long rename(Thread& thread, int old_directory, UserAddress old_path, int directory, UserAddress path, u64 flags) {
  constexpr u64 kFlags = RENAME_NOREPLACE | RENAME_EXCHANGE;
  if ((flags & ~kFlags) != 0 || flags == kFlags) return -EINVAL;
  Lookup source;
  Lookup target;
  Ref<Inode> moved;
  if (long error = look_up_name(thread, old_directory, old_path, source); error != 0) return error;
  if (long error = look_up_name(thread, directory, path, target); error != 0) return error;
  if (long error = prepare_rename(source, target, moved); error != 0) return error;
  if ((flags & RENAME_EXCHANGE) != 0) return exchange(source, target, moved);
  if (target.missing() == 0) {
    if ((flags & RENAME_NOREPLACE) != 0) return -EEXIST;
    if (target.inode == moved) return 0;  // two names of one file: nothing happens
    if (long error = check_replacement(source, target); error != 0) return error;
    if (long error = target.directory->remove(target.name()); error != 0) return error;
  }
  if (long error = target.directory->add(target.name(), moved); error != 0) return error;
  return source.directory->remove(source.name());
}

}  // namespace

MAYFLY_SYSCALL(mkdir) {
  return make_directory(thread, AT_FDCWD, args[0], args[1]);
}
MAYFLY_SYSCALL(mkdirat) {
  return make_directory(thread, args.fd(), args[1], args[2]);
}
MAYFLY_SYSCALL(rmdir) {
  return remove_directory(thread, AT_FDCWD, args[0]);
}
MAYFLY_SYSCALL(unlink) {
  return remove_file(thread, AT_FDCWD, args[0]);
}

MAYFLY_SYSCALL(unlinkat) {
  if ((args[2] & ~u64{AT_REMOVEDIR}) != 0) return -EINVAL;
  return args[2] != 0 ? remove_directory(thread, args.fd(), args[1]) : remove_file(thread, args.fd(), args[1]);
}

MAYFLY_SYSCALL(symlink) {
  return make_link(thread, args[0], AT_FDCWD, args[1]);
}
MAYFLY_SYSCALL(symlinkat) {
  return make_link(thread, args[0], args.fd(1), args[2]);
}
MAYFLY_SYSCALL(link) {
  return add_hard_link(thread, AT_FDCWD, args[0], AT_FDCWD, args[1], 0);
}
MAYFLY_SYSCALL(linkat) {
  return add_hard_link(thread, args.fd(), args[1], args.fd(2), args[3], args[4]);
}
MAYFLY_SYSCALL(rename) {
  return rename(thread, AT_FDCWD, args[0], AT_FDCWD, args[1], 0);
}
MAYFLY_SYSCALL(renameat) {
  return rename(thread, args.fd(), args[1], args.fd(2), args[3], 0);
}
MAYFLY_SYSCALL(renameat2) {
  return rename(thread, args.fd(), args[1], args.fd(2), args[3], args[4]);
}

// Devices, FIFOs and sockets with a name do not exist; regular files come from open.
MAYFLY_SYSCALL(mknod) {
  return -EPERM;
}
MAYFLY_SYSCALL(mknodat) {
  return -EPERM;
}

}  // namespace mayfly::kernel
