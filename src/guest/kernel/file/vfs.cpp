#include "guest/kernel/file/vfs.h"

#include <cstring>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/dev_tree.h"
#include "guest/kernel/file/inode_file.h"
#include "guest/kernel/file/overlay_directory.h"
#include "guest/kernel/file/overlay_file.h"
#include "guest/kernel/file/proc/proc_tree.h"

namespace mayfly::kernel {
namespace {

/// What open(2) does with these is done when it returns; F_GETFL does not show them.
constexpr u32 kOpenOnlyFlags = O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC;
constexpr u32 kPermissions = 07777;
constexpr u32 kUnnamed = O_TMPFILE & ~O_DIRECTORY;

bool wants_to_write(u32 flags) {
  return (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC) != 0;
}

}  // namespace

Ref<Directory> Vfs::root() {
  if (!root_) mount();
  return root_;
}

void Vfs::mount() {
  abi::FileStat stat{};
  stat.mode = kModeDirectory | 0755;
  root_ = Ref<Directory>(kernel_.heap.make<OverlayDirectory>(kernel_, stat));
  if (!root_) return;
  mount_dev(kernel_, *root_);
  mount_proc(kernel_, *root_);
  constexpr u32 kSharedMode = 01777;
  ensure_directory("/tmp", kSharedMode);
  ensure_directory("/var", 0755);
  ensure_directory("/var/tmp", kSharedMode);
  ensure_directory("/run", 0755);
}

/// Directories that programs rely on, whatever the host shows.
void Vfs::ensure_directory(const char* path, u32 mode) {
  Lookup lookup;
  if (look_up(kernel_.process, AT_FDCWD, path, Follow::yes, lookup) != 0 || lookup.inode) return;
  Ref<Inode> directory(kernel_.heap.make<OverlayDirectory>(kernel_, mode));
  if (directory && lookup.directory) (void)lookup.directory->add(lookup.name(), directory);
}

long Vfs::open(Process& process, int directory, const char* path, u32 flags, u32 mode, Ref<File>& file) {
  if ((flags & O_PATH) != 0) flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  bool exclusive = (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
  Follow follow = exclusive || (flags & O_NOFOLLOW) != 0 ? Follow::no : Follow::yes;
  mode &= kPermissions & ~process.umask;
  Lookup lookup;
  if (long error = look_up(process, directory, path, follow, lookup); error != 0) return error;
  if ((flags & kUnnamed) != 0) return open_unnamed(lookup, flags, mode, file);
  if (lookup.missing() == 0) return exclusive ? -EEXIST : open_existing(lookup, flags, file);
  if ((flags & O_CREAT) == 0) return -ENOENT;
  if (lookup.trailing_slash) return -EISDIR;
  if ((flags & O_DIRECTORY) != 0) return -EINVAL;
  Ref<Inode> inode;
  if (long error = create(lookup, mode, inode); error != 0) return error;
  return inode->open(flags & ~kOpenOnlyFlags, file);
}

long Vfs::create(const Lookup& lookup, u32 mode, Ref<Inode>& inode) {
  inode = Ref<Inode>(kernel_.heap.make<OverlayInode>(kernel_, OverlayAttributes(kernel_, kModeRegular | mode)));
  return inode ? lookup.directory->add(lookup.name(), inode) : -ENOSPC;
}

/// O_TMPFILE: a file without a name in the directory that the path leads to.
long Vfs::open_unnamed(const Lookup& lookup, u32 flags, u32 mode, Ref<File>& file) {
  if ((flags & O_ACCMODE) == O_RDONLY) return -EINVAL;
  if (!lookup.inode) return -ENOENT;
  if (lookup.inode->as_directory() == nullptr) return -ENOTDIR;
  Ref<Inode> inode(kernel_.heap.make<OverlayInode>(kernel_, OverlayAttributes(kernel_, kModeRegular | mode)));
  return inode ? inode->open(flags & ~kOpenOnlyFlags, file) : -ENOSPC;
}

long Vfs::open_existing(Lookup& lookup, u32 flags, Ref<File>& file) {
  if (!lookup.inode) {
    // A pipe or socket by way of /proc/self/fd: there is nothing to open but the description itself.
    file = lookup.file;
    return lookup.file->as_socket() != nullptr ? -ENXIO : 0;
  }
  Inode& inode = *lookup.inode;
  bool is_directory = inode.type == Inode::Type::directory;
  if ((flags & O_DIRECTORY) != 0 && !is_directory) return -ENOTDIR;
  if ((flags & O_PATH) != 0) return open_file<PathFile>(kernel_, inode, flags & ~kOpenOnlyFlags, file);
  if (inode.type == Inode::Type::link) return -ELOOP;
  if (is_directory && ((flags & O_CREAT) != 0 || wants_to_write(flags))) return -EISDIR;
  Ref<Inode> opened = lookup.inode;
  if (wants_to_write(flags)) {
    bool truncate = (flags & O_TRUNC) != 0;
    if (long error = inode.make_writable(!truncate, opened); error != 0) return error;
    if (truncate && opened->type == Inode::Type::regular) {
      if (long error = opened->truncate(0); error != 0) return error;
    }
  }
  return opened->open(flags & ~kOpenOnlyFlags, file);
}

}  // namespace mayfly::kernel
