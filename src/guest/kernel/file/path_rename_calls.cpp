// rename(2).
#include <linux/fs.h>

#include "guest/kernel/file/file_events.h"
#include "guest/kernel/file/path_modify.h"
#include "guest/kernel/file/volume_directory.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

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

/// What both names must be like, whatever they stand for.
long check_names(const Lookup& source, const Lookup& target, u64 flags) {
  bool no_replace = (flags & RENAME_NOREPLACE) != 0;
  bool exchange = (flags & RENAME_EXCHANGE) != 0;
  if (!source.directory) return -EBUSY;
  if (!target.directory) return no_replace ? -EEXIST : -EBUSY;
  if (source.missing() != 0) return -ENOENT;
  if (no_replace && target.missing() == 0) return -EEXIST;
  if (exchange && target.missing() != 0) return -ENOENT;
  bool slash = source.trailing_slash || (!exchange && target.trailing_slash);
  if (slash && source.inode->type != Inode::Type::directory) return -ENOTDIR;
  if (contains(*source.inode, *target.directory)) return -EINVAL;
  if (target.inode && contains(*target.inode, *source.directory)) return exchange ? -EINVAL : -ENOTEMPTY;
  bool mounted = source.inode->is_mount_point() || (target.inode && target.inode->is_mount_point());
  return mounted ? -EBUSY : 0;
}

/// Makes what a name refers to an inode that can be moved.
long make_movable(const Lookup& lookup, Ref<Inode>& moved) {
  Directory* directory = lookup.inode->as_directory();
  if (directory != nullptr && directory->from_host()) {
    if (long error = directory->keep_host_path(); error != 0) return error;
  }
  return lookup.inode->make_writable(true, moved);
}

long exchange(const Lookup& source, const Lookup& target, const Ref<Inode>& moved) {
  Ref<Inode> other;
  if (long error = make_movable(target, other); error != 0) return error;
  bool source_is_directory = moved->type == Inode::Type::directory;
  bool target_is_directory = other->type == Inode::Type::directory;
  if (long error = source.directory->remove(source.name(), source_is_directory); error != 0) return error;
  if (long error = target.directory->remove(target.name(), target_is_directory); error != 0) return error;
  if (long error = source.directory->add(source.name(), other); error != 0) return error;
  return target.directory->add(target.name(), moved);
}

long rename_in_overlay(const Lookup& source, const Lookup& target, u64 flags) {
  if (source.inode == target.inode) return 0;  // two names of one file: nothing happens
  Ref<Inode> moved;
  if (long error = make_movable(source, moved); error != 0) return error;
  if ((flags & RENAME_EXCHANGE) != 0) return exchange(source, target, moved);
  bool directory = moved->type == Inode::Type::directory;
  if (target.missing() == 0) {
    if (long error = check_replacement(source, target); error != 0) return error;
    if (long error = target.directory->remove(target.name(), directory); error != 0) return error;
  }
  if (long error = target.directory->add(target.name(), moved); error != 0) return error;
  return source.directory->remove(source.name(), directory);
}

/// Tells of one name that became another.
void notify_moved(Vfs& vfs, const Lookup& from, const Lookup& to) {
  u32 cookie = vfs.next_rename_cookie();
  notify_name(*from.directory, from.name(), *from.inode, IN_MOVED_FROM, cookie);
  notify_name(*to.directory, to.name(), *from.inode, IN_MOVED_TO, cookie);
}

void notify_renamed(Vfs& vfs, const Lookup& source, const Lookup& target, u64 flags) {
  if (source.inode == target.inode) return;
  notify_moved(vfs, source, target);
  if ((flags & RENAME_EXCHANGE) != 0) notify_moved(vfs, target, source);
  notify_self(*source.inode, IN_MOVE_SELF);
  if (target.inode && (flags & RENAME_EXCHANGE) == 0) notify_replaced(*target.inode);
}

long rename(Thread& thread, int old_directory, UserAddress old_path, int directory, UserAddress path, u64 flags) {
  constexpr u64 kFlags = RENAME_NOREPLACE | RENAME_EXCHANGE;
  if ((flags & ~kFlags) != 0 || flags == kFlags) return -EINVAL;
  Lookup source;
  Lookup target;
  if (long error = look_up_name(thread, old_directory, old_path, source); error != 0) return error;
  if (long error = look_up_name(thread, directory, path, target); error != 0) return error;
  if (long error = check_names(source, target, flags); error != 0) return error;
  VolumeDirectory* from = VolumeDirectory::from(source.directory.get());
  VolumeDirectory* to = VolumeDirectory::from(target.directory.get());
  long error = from == nullptr && to == nullptr ? rename_in_overlay(source, target, flags)
               : from == nullptr || to == nullptr
                   ? -EXDEV
                   : VolumeDirectory::rename(*from, source.name(), *to, target.name(), flags);
  if (error == 0) notify_renamed(thread.kernel.vfs, source, target, flags);
  return error;
}

}  // namespace

MAYFLY_SYSCALL(rename) {
  return rename(thread, AT_FDCWD, args[0], AT_FDCWD, args[1], 0);
}
MAYFLY_SYSCALL(renameat) {
  return rename(thread, args.fd(), args[1], args.fd(2), args[3], 0);
}
MAYFLY_SYSCALL(renameat2) {
  return rename(thread, args.fd(), args[1], args.fd(2), args[3], args[4]);
}

}  // namespace mayfly::kernel
