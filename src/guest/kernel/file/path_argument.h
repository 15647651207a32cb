// A path that the program passed to a system call.
#pragma once

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/inode_file.h"
#include "guest/kernel/file/scratch.h"

namespace mayfly::kernel {

class PathArgument {
 public:
  PathArgument(Thread& thread, UserAddress address) : scratch_(thread.kernel.heap) {
    long length = scratch_ ? copy_string_from_user(scratch_.text(), address, kPathBytes) : -ENOMEM;
    error_ = length < 0 ? length : 0;
  }
  /// 0 or -errno.
  [[nodiscard]] long error() const { return error_; }
  [[nodiscard]] const char* text() const { return scratch_.text(); }
  [[nodiscard]] bool empty() const { return *scratch_.text() == '\0'; }

 private:
  Scratch scratch_;
  long error_;
};

/// The file that a call of the *at family is about: `path` from `directory`, or with AT_EMPTY_PATH and an empty path
/// the descriptor itself. AT_SYMLINK_NOFOLLOW and AT_SYMLINK_FOLLOW are heeded.
/// @param follow_by_default unless a flag says otherwise
/// @return 0 and a lookup that has found something, or -errno
inline long look_up_at(Thread& thread, int directory, UserAddress path_address, u64 flags, bool follow_by_default,
                       Lookup& lookup) {
  PathArgument path(thread, path_address);
  if (path.error() != 0) return path.error();
  Process& process = thread.process;
  if (path.empty() && (flags & AT_EMPTY_PATH) != 0) {
    if (directory == AT_FDCWD) return process.kernel.vfs.look_up(process, AT_FDCWD, ".", Vfs::Follow::yes, lookup);
    lookup.file = process.files.get(directory);
    if (!lookup.file) return -EBADF;
    if (InodeFile* named = InodeFile::from(lookup.file.get())) lookup.inode = Ref<Inode>(&named->inode());
    return 0;
  }
  bool follow = follow_by_default;
  if ((flags & AT_SYMLINK_NOFOLLOW) != 0) follow = false;
  if ((flags & AT_SYMLINK_FOLLOW) != 0) follow = true;
  Vfs::Follow mode = follow ? Vfs::Follow::yes : Vfs::Follow::no;
  if (long error = process.kernel.vfs.look_up(process, directory, path.text(), mode, lookup); error != 0) return error;
  return lookup.missing();
}

}  // namespace mayfly::kernel
