// Calls that add names to the tree or take them away: rename has a file of its own.
#include <cstring>

#include "guest/kernel/file/file_events.h"
#include "guest/kernel/file/overlay_file.h"
#include "guest/kernel/file/path_argument.h"
#include "guest/kernel/file/path_modify.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

constexpr u32 kPermissions = 07777;

/// Looks up a name that is about to be made. @return -EEXIST if there is one
long look_up_new(Thread& thread, int directory, UserAddress path, bool may_end_in_slash, Lookup& lookup) {
  if (long error = look_up_name(thread, directory, path, lookup); error != 0) return error;
  if (lookup.missing() == 0) return -EEXIST;
  return lookup.trailing_slash && !may_end_in_slash ? -ENOENT : 0;
}

/// Tells of what was made, if it was. @return `error`
long created(const Lookup& lookup, long error) {
  Directory& directory = *lookup.directory;
  Ref<Inode> inode;
  if (error != 0 || directory.watches.empty()) return error;
  if (directory.look_up(lookup.name(), inode) == 0) notify_name(directory, lookup.name(), *inode, IN_CREATE);
  return 0;
}

long removed_name(const Lookup& lookup, long error) {
  if (error == 0) notify_removed(*lookup.directory, lookup.name(), *lookup.inode);
  return error;
}

long make_directory(Thread& thread, int directory, UserAddress path, u64 mode) {
  Lookup lookup;
  if (long error = look_up_new(thread, directory, path, true, lookup); error != 0) return error;
  u32 permissions = static_cast<u32>(mode) & kPermissions & ~thread.process.umask;
  return created(lookup, lookup.directory->make_directory(lookup.name(), permissions));
}

long remove_directory(Thread& thread, int directory, UserAddress path) {
  Lookup lookup;
  if (long error = look_up_name(thread, directory, path, lookup); error != 0) return error;
  if (lookup.missing() != 0) return -ENOENT;
  if (lookup.end == Lookup::End::dot) return -EINVAL;
  if (lookup.end == Lookup::End::dot_dot) return -ENOTEMPTY;
  Directory* removed = lookup.inode->as_directory();
  if (removed == nullptr) return -ENOTDIR;
  if (!lookup.directory || removed->is_mount_point()) return -EBUSY;
  if (long error = removed->on_volume() ? 0 : check_empty(*removed); error != 0) return error;
  return removed_name(lookup, lookup.directory->remove(lookup.name(), true));
}

long remove_file(Thread& thread, int directory, UserAddress path) {
  Lookup lookup;
  if (long error = look_up_name(thread, directory, path, lookup); error != 0) return error;
  if (lookup.missing() != 0) return -ENOENT;
  if (lookup.inode->type == Inode::Type::directory) return -EISDIR;
  if (lookup.trailing_slash) return -ENOTDIR;
  return removed_name(lookup, lookup.directory->remove(lookup.name(), false));
}

long make_link(Thread& thread, UserAddress target_address, int directory, UserAddress path) {
  PathArgument target(thread, target_address);
  if (target.error() != 0) return target.error();
  if (target.empty()) return -ENOENT;
  Lookup lookup;
  if (long error = look_up_new(thread, directory, path, false, lookup); error != 0) return error;
  return created(lookup, lookup.directory->make_link(lookup.name(), target.text(), std::strlen(target.text())));
}

long add_hard_link(Thread& thread, int old_directory, UserAddress old_path, int directory, UserAddress path,
                   u64 flags) {
  if ((flags & ~u64{AT_SYMLINK_FOLLOW | AT_EMPTY_PATH}) != 0) return -EINVAL;
  Lookup source;
  Lookup target;
  if (long error = look_up_at(thread, old_directory, old_path, flags, false, source); error != 0) return error;
  if (long error = look_up_new(thread, directory, path, false, target); error != 0) return error;
  if (!source.inode || source.inode->on_volume() != target.directory->on_volume()) return -EXDEV;
  if (source.inode->type == Inode::Type::directory) return -EPERM;
  if (!source.inode->may_be_linked()) return -ENOENT;
  Ref<Inode> inode;
  if (long error = source.inode->make_writable(true, inode); error != 0) return error;
  long error = target.directory->add(target.name(), inode);
  if (error == 0) {
    notify_self(*inode, IN_ATTRIB);  // it has one more link
    notify_name(*target.directory, target.name(), *inode, IN_CREATE);
  }
  return error;
}

}  // namespace

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

long look_up_name(Thread& thread, int directory, UserAddress path_address, Lookup& lookup) {
  PathArgument path(thread, path_address);
  if (path.error() != 0) return path.error();
  return thread.kernel.vfs.look_up(thread.process, directory, path.text(), Vfs::Follow::never, lookup);
}

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

}  // namespace mayfly::kernel
