// Calls that take paths, and what tells of files.
#include <asm/unistd_64.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/file_flags.h"
#include "trace/structures.h"

namespace mayfly::trace {
namespace {

constexpr Name kAtFlags[] = {
    MAYFLY_NAME(AT_SYMLINK_NOFOLLOW), MAYFLY_NAME(AT_SYMLINK_FOLLOW),   MAYFLY_NAME(AT_NO_AUTOMOUNT),
    MAYFLY_NAME(AT_EMPTY_PATH),       MAYFLY_NAME(AT_STATX_FORCE_SYNC), MAYFLY_NAME(AT_STATX_DONT_SYNC),
};
constexpr Name kAccessAtFlags[] = {
    MAYFLY_NAME(AT_SYMLINK_NOFOLLOW),
    MAYFLY_NAME(AT_EACCESS),
    MAYFLY_NAME(AT_EMPTY_PATH),
};
constexpr Name kUnlinkFlags[] = {MAYFLY_NAME(AT_REMOVEDIR)};
constexpr Name kAccessModes[] = {MAYFLY_NAME(F_OK), MAYFLY_NAME(R_OK), MAYFLY_NAME(W_OK), MAYFLY_NAME(X_OK)};
constexpr Name kRenameFlags[] = {
    {1, "RENAME_NOREPLACE"},
    {2, "RENAME_EXCHANGE"},
    {4, "RENAME_WHITEOUT"},
};
constexpr Name kFileTypes[] = {
    MAYFLY_NAME(S_IFREG), MAYFLY_NAME(S_IFDIR),  MAYFLY_NAME(S_IFLNK), MAYFLY_NAME(S_IFCHR),
    MAYFLY_NAME(S_IFIFO), MAYFLY_NAME(S_IFSOCK), MAYFLY_NAME(S_IFBLK),
};
constexpr Name kStatxMask[] = {
    MAYFLY_NAME(STATX_ALL),    MAYFLY_NAME(STATX_BASIC_STATS), MAYFLY_NAME(STATX_TYPE), MAYFLY_NAME(STATX_MODE),
    MAYFLY_NAME(STATX_NLINK),  MAYFLY_NAME(STATX_UID),         MAYFLY_NAME(STATX_GID),  MAYFLY_NAME(STATX_ATIME),
    MAYFLY_NAME(STATX_MTIME),  MAYFLY_NAME(STATX_CTIME),       MAYFLY_NAME(STATX_INO),  MAYFLY_NAME(STATX_SIZE),
    MAYFLY_NAME(STATX_BLOCKS), MAYFLY_NAME(STATX_BTIME),
};
constexpr Name kResolveFlags[] = {
    MAYFLY_NAME(RESOLVE_NO_XDEV), MAYFLY_NAME(RESOLVE_NO_MAGICLINKS), MAYFLY_NAME(RESOLVE_NO_SYMLINKS),
    MAYFLY_NAME(RESOLVE_BENEATH), MAYFLY_NAME(RESOLVE_IN_ROOT),       MAYFLY_NAME(RESOLVE_CACHED),
};
constexpr Name kWatchEvents[] = {
    MAYFLY_NAME(IN_ACCESS),  MAYFLY_NAME(IN_MODIFY),      MAYFLY_NAME(IN_ATTRIB),      MAYFLY_NAME(IN_CLOSE_WRITE),
    MAYFLY_NAME(IN_OPEN),    MAYFLY_NAME(IN_MOVED_FROM),  MAYFLY_NAME(IN_MOVED_TO),    MAYFLY_NAME(IN_CREATE),
    MAYFLY_NAME(IN_DELETE),  MAYFLY_NAME(IN_DELETE_SELF), MAYFLY_NAME(IN_MOVE_SELF),   MAYFLY_NAME(IN_CLOSE_NOWRITE),
    MAYFLY_NAME(IN_ONLYDIR), MAYFLY_NAME(IN_DONT_FOLLOW), MAYFLY_NAME(IN_EXCL_UNLINK), MAYFLY_NAME(IN_MASK_ADD),
    MAYFLY_NAME(IN_ONESHOT),
};

void add_mode(Printer& out, u32 mode) {
  out.choice(mode & S_IFMT, kFileTypes);
  out.format("|{:#03o}", mode & ~u32{S_IFMT});
}

void print_open_flags(Printer& out, unsigned index, const Argument&) {
  add_open_flags(out, static_cast<u32>(out.argument(index)));
}

template <unsigned Flags>
unsigned open_arguments(const Printer& call) {
  bool makes_file = (call.argument(Flags) & O_CREAT) != 0 || (call.argument(Flags) & O_TMPFILE) == O_TMPFILE;
  return makes_file ? Flags + 2 : Flags + 1;
}

void print_open_how(Printer& out, unsigned index, const Argument&) {
  open_how how{};
  if (!out.load(out.argument(index), how)) return;
  out.add("{flags=");
  add_open_flags(out, static_cast<u32>(how.flags));
  if (how.mode != 0) out.format(", mode={:#03o}", how.mode);
  out.add(", resolve=");
  out.flags(how.resolve, kResolveFlags);
  out.add("}");
}

void print_stat(Printer& out, unsigned index, const Argument&) {
  struct stat status {};
  if (!out.succeeded()) return out.address(out.argument(index));
  if (!out.load(out.argument(index), status)) return;
  out.add("{st_mode=");
  add_mode(out, status.st_mode);
  out.format(", st_size={}, ...}}", status.st_size);
}

void print_statx(Printer& out, unsigned index, const Argument&) {
  struct statx status {};
  if (!out.succeeded()) return out.address(out.argument(index));
  if (!out.load(out.argument(index), status)) return;
  out.add("{stx_mask=");
  out.flags(status.stx_mask, kStatxMask);
  out.add(", stx_mode=");
  add_mode(out, status.stx_mode);
  out.format(", stx_size={}, ...}}", status.stx_size);
}

constexpr Argument kOpenFlags{print_open_flags};
constexpr Argument kStat = result(print_stat);
constexpr Argument kEntries = result(print_address);  // of directories, or names of attributes

constexpr Signature kSignatures[] = {
    {__NR_open, {kPath, kOpenFlags, kMode}, Result::number, open_arguments<1>},
    {__NR_openat, {kDirectory, kPath, kOpenFlags, kMode}, Result::number, open_arguments<2>},
    {__NR_openat2, {kDirectory, kPath, {print_open_how}, kUnsigned}},
    {__NR_creat, {kPath, kMode}},
    {__NR_stat, {kPath, kStat}},
    {__NR_lstat, {kPath, kStat}},
    {__NR_fstat, {kDescriptor, kStat}},
    {__NR_newfstatat, {kDirectory, kPath, kStat, flags(kAtFlags)}},
    {__NR_statx, {kDirectory, kPath, flags(kAtFlags), flags(kStatxMask), result(print_statx)}},
    {__NR_statfs, {kPath, kEntries}},
    {__NR_fstatfs, {kDescriptor, kEntries}},
    {__NR_access, {kPath, flags(kAccessModes)}},
    {__NR_faccessat, {kDirectory, kPath, flags(kAccessModes)}},
    {__NR_faccessat2, {kDirectory, kPath, flags(kAccessModes), flags(kAccessAtFlags)}},
    {__NR_readlink, {kPath, kReadBytes, kUnsigned}},
    {__NR_readlinkat, {kDirectory, kPath, kReadBytes, kUnsigned}},
    {__NR_getcwd, {kReadBytes, kUnsigned}},
    {__NR_chdir, {kPath}},
    {__NR_fchdir, {kDescriptor}},
    {__NR_chroot, {kPath}},
    {__NR_getdents64, {kDescriptor, kEntries, kUnsigned}},
    {__NR_umask, {kMode}, Result::octal},
    {__NR_mkdir, {kPath, kMode}},
    {__NR_mkdirat, {kDirectory, kPath, kMode}},
    {__NR_rmdir, {kPath}},
    {__NR_unlink, {kPath}},
    {__NR_unlinkat, {kDirectory, kPath, flags(kUnlinkFlags)}},
    {__NR_symlink, {kPath, kPath}},
    {__NR_symlinkat, {kPath, kDirectory, kPath}},
    {__NR_link, {kPath, kPath}},
    {__NR_linkat, {kDirectory, kPath, kDirectory, kPath, flags(kAtFlags)}},
    {__NR_rename, {kPath, kPath}},
    {__NR_renameat, {kDirectory, kPath, kDirectory, kPath}},
    {__NR_renameat2, {kDirectory, kPath, kDirectory, kPath, flags(kRenameFlags)}},
    {__NR_mknod, {kPath, kMode, kHex}},
    {__NR_mknodat, {kDirectory, kPath, kMode, kHex}},
    {__NR_chmod, {kPath, kMode}},
    {__NR_fchmod, {kDescriptor, kMode}},
    {__NR_fchmodat, {kDirectory, kPath, kMode}},
    {__NR_chown, {kPath, kInt, kInt}},
    {__NR_lchown, {kPath, kInt, kInt}},
    {__NR_fchown, {kDescriptor, kInt, kInt}},
    {__NR_fchownat, {kDirectory, kPath, kInt, kInt, flags(kAtFlags)}},
    {__NR_utimensat, {kDirectory, kPath, {print_timespec_pair}, flags(kAtFlags)}},
    {__NR_futimesat, {kDirectory, kPath, {print_timeval_pair}}},
    {__NR_utimes, {kPath, {print_timeval_pair}}},
    {__NR_utime, {kPath, kAddress}},
    {__NR_truncate, {kPath, kLong}},
    {__NR_getxattr, {kPath, kPath, kReadBytes, kUnsigned}},
    {__NR_lgetxattr, {kPath, kPath, kReadBytes, kUnsigned}},
    {__NR_fgetxattr, {kDescriptor, kPath, kReadBytes, kUnsigned}},
    {__NR_setxattr, {kPath, kPath, bytes(3), kUnsigned, kHex}},
    {__NR_lsetxattr, {kPath, kPath, bytes(3), kUnsigned, kHex}},
    {__NR_fsetxattr, {kDescriptor, kPath, bytes(3), kUnsigned, kHex}},
    {__NR_listxattr, {kPath, kEntries, kUnsigned}},
    {__NR_llistxattr, {kPath, kEntries, kUnsigned}},
    {__NR_flistxattr, {kDescriptor, kEntries, kUnsigned}},
    {__NR_removexattr, {kPath, kPath}},
    {__NR_lremovexattr, {kPath, kPath}},
    {__NR_fremovexattr, {kDescriptor, kPath}},
    {__NR_inotify_init, {}},
    {__NR_inotify_init1, {kOpenFlagsOnly}},
    {__NR_inotify_add_watch, {kDescriptor, kPath, flags(kWatchEvents)}},
    {__NR_inotify_rm_watch, {kDescriptor, kInt}},
};

}  // namespace

Signatures file_signatures() {
  return kSignatures;
}

}  // namespace mayfly::trace
