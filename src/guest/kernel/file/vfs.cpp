#include "guest/kernel/file/vfs.h"

#include <cstring>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/dev_tree.h"
#include "guest/kernel/file/file_events.h"
#include "guest/kernel/file/host_path.h"
#include "guest/kernel/file/inode_file.h"
#include "guest/kernel/file/overlay_directory.h"
#include "guest/kernel/file/overlay_file.h"
#include "guest/kernel/file/pipe.h"
#include "guest/kernel/file/proc/proc_tree.h"

namespace mayfly::kernel {
namespace {

constexpr u32 kPermissions = 07777;
constexpr u32 kUnnamed = O_TMPFILE & ~O_DIRECTORY;

/// Combinations that open(2) refuses whatever the file.
long check_flags(u32 flags) {
  if ((flags & kUnnamed) != 0) {
    bool complete = (flags & O_DIRECTORY) != 0 && (flags & O_CREAT) == 0 && (flags & O_ACCMODE) != O_RDONLY;
    return complete ? 0 : -EINVAL;
  }
  return (flags & O_CREAT) != 0 && (flags & O_DIRECTORY) != 0 ? -EINVAL : 0;
}

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
  stat.device = abi::kViewDevice;
  root_ = Ref<Directory>(kernel_.heap.make<OverlayDirectory>(kernel_, stat));
  if (!root_) return;
  // It is asked by its path, so that it must be there to be asked.
  if (host_stat(*root_, {}, stat) == 0 && (stat.mode & kModeType) == kModeDirectory) {
    root_ = Ref<Directory>(kernel_.heap.make<OverlayDirectory>(kernel_, stat));
  }
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

long Vfs::open(Process& process, int directory, const char* path, u32 flags, u32 mode, Ref<File>& file, u64 resolve) {
  long error = open_path(process, directory, path, flags, mode, file, resolve);
  InodeFile* named = error == 0 ? InodeFile::from(file.get()) : nullptr;
  if (named != nullptr && (flags & O_PATH) == 0) notify(named->inode(), IN_OPEN);
  return error;
}

long Vfs::open_path(Process& process, int directory, const char* path, u32 flags, u32 mode, Ref<File>& file,
                    u64 resolve) {
  if ((flags & O_PATH) != 0) flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  if (long error = check_flags(flags); error != 0) return error;
  bool exclusive = (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
  Follow follow = exclusive || (flags & O_NOFOLLOW) != 0 ? Follow::no : Follow::yes;
  mode &= kPermissions & ~process.umask;
  Lookup lookup;
  if (long error = look_up(process, directory, path, follow, lookup, resolve); error != 0) {
    // Whatever it is, a name with a slash behind it cannot be made by open.
    return error == -ENOTDIR && lookup.trailing_slash && (flags & O_CREAT) != 0 ? -EISDIR : error;
  }
  if ((flags & kUnnamed) != 0) return open_unnamed(lookup, flags, mode, file);
  if (lookup.missing() == 0) return exclusive ? -EEXIST : open_existing(lookup, flags, file);
  if ((flags & O_CREAT) == 0) return -ENOENT;
  if (lookup.trailing_slash) return -EISDIR;
  long error = lookup.directory->create(lookup.name(), flags, mode, file);
  InodeFile* named = error == 0 ? InodeFile::from(file.get()) : nullptr;
  if (named != nullptr) notify_name(*lookup.directory, lookup.name(), named->inode(), IN_CREATE);
  return error;
}

/// O_TMPFILE: a file without a name in the directory that the path leads to.
long Vfs::open_unnamed(const Lookup& lookup, u32 flags, u32 mode, Ref<File>& file) {
  if (!lookup.inode) return -ENOENT;
  if (lookup.inode->as_directory() == nullptr) return -ENOTDIR;
  if (lookup.inode->on_volume()) return -EOPNOTSUPP;
  auto* made = kernel_.heap.make<OverlayInode>(kernel_, OverlayAttributes(kernel_, kModeRegular | mode));
  Ref<Inode> inode(made);
  if (made != nullptr && (flags & O_EXCL) == 0) made->allow_first_link();
  return inode ? inode->open(flags, file) : -ENOSPC;
}

long Vfs::open_existing(Lookup& lookup, u32 flags, Ref<File>& file) {
  if (!lookup.inode) {
    // By way of /proc/self/fd: a pipe gets another end, of others there is nothing to open but the description itself.
    file = lookup.file;
    if (Pipe* pipe = file->as_pipe()) return open_pipe(kernel_, Ref<Pipe>(pipe), {}, flags, file);
    return lookup.file->as_socket() != nullptr ? -ENXIO : 0;
  }
  Inode& inode = *lookup.inode;
  bool is_directory = inode.type == Inode::Type::directory;
  if ((flags & O_DIRECTORY) != 0 && !is_directory) return -ENOTDIR;
  if ((flags & O_PATH) != 0) return open_file<PathFile>(kernel_, inode, flags, file);
  if (inode.type == Inode::Type::link) return -ELOOP;
  if (is_directory && ((flags & O_CREAT) != 0 || wants_to_write(flags))) return -EISDIR;
  Ref<Inode> opened = lookup.inode;
  if (wants_to_write(flags)) {
    if (long error = inode.make_writable((flags & O_TRUNC) == 0, opened); error != 0) return error;
  }
  return opened->open(flags, file);
}

void Vfs::keep_in_memory(Process& process, const char* path) {
  Ref<File> file;
  (void)open(process, AT_FDCWD, path, O_RDWR, 0, file);
}

}  // namespace mayfly::kernel
