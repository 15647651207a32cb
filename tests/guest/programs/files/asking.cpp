// stat(2), statx(2), access(2), statfs(2): asking about files.
#include <linux/magic.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "scratch_folder.h"

namespace {

void attributes() {
  put("file", std::string(5000, 'x'));
  CHECK(symlink("file", "link") == 0 && mkdir("folder", 0755) == 0);
  struct stat status {};
  CHECK(stat("link", &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 5000 && status.st_blksize > 0);
  CHECK(status.st_blocks * 512 >= 5000 && status.st_nlink == 1 && status.st_uid == getuid() && status.st_rdev == 0);
  CHECK(lstat("link", &status) == 0 && S_ISLNK(status.st_mode) && status.st_size == 4);
  CHECK(stat("folder", &status) == 0 && S_ISDIR(status.st_mode));
  CHECK(stat("/dev/null", &status) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3));
  // What is made in a folder is no mount point.
  CHECK(status_of("folder").st_dev == status_of(".").st_dev && status_of("file").st_dev == status_of(".").st_dev);
  CHECK_ERROR(stat("missing", &status), ENOENT);
  CHECK_ERROR(stat("file/x", &status), ENOTDIR);
  CHECK_ERROR(fstat(1234, &status), EBADF);
  CHECK_ERROR(fstatat(AT_FDCWD, "file", &status, 0x8000), EINVAL);
  CHECK_ERROR(fstatat(AT_FDCWD, "", &status, 0), ENOENT);
  CHECK(fstatat(AT_FDCWD, "", &status, AT_EMPTY_PATH) == 0 && S_ISDIR(status.st_mode));
  int fd = open("file", O_RDONLY);
  CHECK(fstatat(fd, "", &status, AT_EMPTY_PATH) == 0 && status.st_size == 5000);
  CHECK_ERROR(fstatat(fd, "x", &status, 0), ENOTDIR);
  CHECK(status.st_ino == status_of("file").st_ino && status.st_dev == status_of("file").st_dev && close(fd) == 0);
  int pipes[2];
  CHECK(pipe(pipes) == 0 && fstat(pipes[0], &status) == 0 && S_ISFIFO(status.st_mode));
  CHECK(close(pipes[0]) == 0 && close(pipes[1]) == 0);
  passed("attributes");
}

void extended() {
  struct statx more {};
  CHECK(statx(AT_FDCWD, "file", 0, STATX_BASIC_STATS | STATX_BTIME, &more) == 0);
  CHECK((more.stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS && more.stx_size == 5000 && S_ISREG(more.stx_mode));
  struct stat status = status_of("file");
  CHECK(more.stx_ino == status.st_ino && makedev(more.stx_dev_major, more.stx_dev_minor) == status.st_dev);
  CHECK(more.stx_mtime.tv_sec == status.st_mtim.tv_sec && more.stx_mtime.tv_nsec == status.st_mtim.tv_nsec);
  CHECK(statx(AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW, STATX_TYPE, &more) == 0 && S_ISLNK(more.stx_mode));
  CHECK(statx(AT_FDCWD, "/dev/zero", 0, STATX_TYPE, &more) == 0 && more.stx_rdev_major == 1 &&
        more.stx_rdev_minor == 5);
  int fd = open("file", O_RDONLY);
  CHECK(statx(fd, "", AT_EMPTY_PATH, STATX_SIZE, &more) == 0 && more.stx_size == 5000 && close(fd) == 0);
  CHECK_ERROR(statx(AT_FDCWD, "missing", 0, STATX_TYPE, &more), ENOENT);
  CHECK_ERROR(statx(AT_FDCWD, "file", 0x8000, STATX_TYPE, &more), EINVAL);
  CHECK_ERROR(statx(AT_FDCWD, "file", AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC, STATX_TYPE, &more), EINVAL);
  CHECK_ERROR(statx(AT_FDCWD, "file", 0, STATX__RESERVED, &more), EINVAL);
  CHECK_ERROR(syscall(SYS_statx, AT_FDCWD, "file", 0, STATX_TYPE, nullptr), EFAULT);
  passed("extended");
}

void access_rights() {
  CHECK(access("file", F_OK) == 0 && access("file", R_OK | W_OK) == 0);
  CHECK_ERROR(access("file", X_OK), EACCES);  // for root as well, if nobody may
  CHECK(chmod("file", 0100) == 0 && access("file", X_OK | R_OK | W_OK) == 0 && access("folder", X_OK) == 0);
  CHECK_ERROR(access("missing", F_OK), ENOENT);
  CHECK_ERROR(access("file/x", F_OK), ENOTDIR);
  CHECK_ERROR(access("file", 8), EINVAL);
  CHECK(symlink("missing", "dangling") == 0);
  CHECK_ERROR(access("dangling", F_OK), ENOENT);
  CHECK(faccessat(AT_FDCWD, "dangling", F_OK, AT_SYMLINK_NOFOLLOW) == 0);
  CHECK(faccessat(AT_FDCWD, "file", X_OK, AT_EACCESS) == 0);
  CHECK_ERROR(faccessat(AT_FDCWD, "file", F_OK, 0x8000), EINVAL);
  CHECK_ERROR(faccessat(1234, "file", F_OK, 0), EBADF);
  passed("access rights");
}

void file_systems() {
  struct statfs status {};
  CHECK(statfs(".", &status) == 0 && status.f_bsize > 0 && status.f_blocks > 0 && status.f_bfree <= status.f_blocks);
  CHECK(status.f_namelen == 255 && status.f_bavail <= status.f_bfree);
  CHECK(statfs("/proc", &status) == 0 && status.f_type == PROC_SUPER_MAGIC);
  CHECK(statfs("/sys", &status) == 0 && status.f_type == SYSFS_MAGIC);
  int fd = open("file", O_RDONLY);
  CHECK(fstatfs(fd, &status) == 0 && status.f_type != PROC_SUPER_MAGIC && close(fd) == 0);
  int pipes[2];
  CHECK(pipe(pipes) == 0 && fstatfs(pipes[0], &status) == 0 && status.f_type == 0x50495045);  // PIPEFS_MAGIC
  CHECK(close(pipes[0]) == 0 && close(pipes[1]) == 0);
  CHECK_ERROR(statfs("missing", &status), ENOENT);
  CHECK_ERROR(fstatfs(1234, &status), EBADF);
  struct statvfs portable {};
  CHECK(statvfs(".", &portable) == 0 && portable.f_frsize > 0);
  passed("file systems");
}

}  // namespace

int main() {
  ScratchFolder scratch;
  attributes();
  extended();
  access_rights();
  file_systems();
}
