// chmod(2), chown(2), umask(2), utimensat(2).
#include <sys/syscall.h>
#include <sys/time.h>
#include <utime.h>

#include "scratch_folder.h"

namespace {

mode_t mode_of(const char* name) {
  return status_of(name).st_mode & 07777;
}

void modes() {
  put("file", "x");
  CHECK(chmod("file", 0701) == 0 && mode_of("file") == 0701);
  CHECK(chmod("file", 04755) == 0 && mode_of("file") == 04755);
  CHECK(chmod("file", 0100644) == 0 && mode_of("file") == 0644 && S_ISREG(status_of("file").st_mode));
  int fd = open("file", O_RDONLY);
  CHECK(fchmod(fd, 0600) == 0 && mode_of("file") == 0600 && close(fd) == 0);
  CHECK(mkdir("folder", 0755) == 0 && chmod("folder", 01777) == 0 && mode_of("folder") == 01777);
  CHECK(symlink("file", "link") == 0 && chmod("link", 0640) == 0 && mode_of("file") == 0640 && mode_of("link") == 0777);
  CHECK(fchmodat(AT_FDCWD, "file", 0644, 0) == 0 && mode_of("file") == 0644);
  CHECK_ERROR(chmod("missing", 0644), ENOENT);
  CHECK_ERROR(fchmod(1234, 0644), EBADF);
  CHECK_ERROR(chmod("file/x", 0644), ENOTDIR);
  passed("modes");
}

void mask() {
  CHECK(umask(077) == 022 && umask(027) == 077);
  put("masked", "x", 0666);
  CHECK(mode_of("masked") == 0640 && mkdir("masked-folder", 0777) == 0 && mode_of("masked-folder") == 0750);
  CHECK(umask(01022) == 027 && umask(022) == 022);  // only permission bits are kept
  passed("mask");
}

void owners() {
  CHECK(chown("file", 12, 34) == 0 && status_of("file").st_uid == 12 && status_of("file").st_gid == 34);
  CHECK(chown("file", static_cast<uid_t>(-1), 56) == 0 && status_of("file").st_uid == 12 &&
        status_of("file").st_gid == 56);
  CHECK(lchown("link", 7, 8) == 0 && status_of("link").st_uid == 7 && status_of("file").st_uid == 12);
  CHECK(chmod("file", 06755) == 0 && chown("file", 0, 0) == 0 && mode_of("file") == 0755);  // rights are not given away
  int fd = open("file", O_RDONLY);
  CHECK(fchown(fd, 1, 2) == 0 && status_of("file").st_uid == 1 && close(fd) == 0);
  CHECK(fchownat(AT_FDCWD, "link", 3, 4, AT_SYMLINK_NOFOLLOW) == 0 && status_of("link").st_gid == 4);
  CHECK_ERROR(fchownat(AT_FDCWD, "file", 3, 4, 0x8000), EINVAL);
  CHECK_ERROR(chown("missing", 0, 0), ENOENT);
  passed("owners");
}

void times() {
  timespec stamps[2] = {{1'000, 5}, {2'000, 999'999'999}};
  CHECK(utimensat(AT_FDCWD, "file", stamps, 0) == 0);
  struct stat status = status_of("file");
  CHECK(status.st_atim.tv_sec == 1'000 && status.st_atim.tv_nsec == 5 && status.st_mtim.tv_nsec == 999'999'999);
  stamps[0].tv_nsec = UTIME_OMIT;
  stamps[1] = {3'000, 0};
  CHECK(utimensat(AT_FDCWD, "file", stamps, 0) == 0);
  status = status_of("file");
  CHECK(status.st_atim.tv_sec == 1'000 && status.st_mtim.tv_sec == 3'000);
  stamps[1] = {17, UTIME_NOW};
  CHECK(utimensat(AT_FDCWD, "file", stamps, 0) == 0);
  status = status_of("file");
  CHECK(status.st_atim.tv_sec == 1'000 && status.st_mtim.tv_sec > 1'700'000'000);
  CHECK(utimensat(AT_FDCWD, "link", stamps, AT_SYMLINK_NOFOLLOW) == 0);
  stamps[0] = {-5, 500};
  stamps[1] = {4'000'000'000, 7};
  CHECK(utimensat(AT_FDCWD, "link", stamps, AT_SYMLINK_NOFOLLOW) == 0 && status_of("link").st_atim.tv_sec == -5);
  CHECK(status_of("link").st_atim.tv_nsec == 500 && status_of("link").st_mtim.tv_sec == 4'000'000'000);
  int fd = open("file", O_RDONLY);
  CHECK(futimens(fd, nullptr) == 0 && status_of("file").st_atim.tv_sec > 1'700'000'000);
  utimbuf whole{10, 20};
  CHECK(utime("file", &whole) == 0 && status_of("file").st_atim.tv_sec == 10 && status_of("file").st_mtim.tv_sec == 20);
  timeval micro[2] = {{30, 1}, {40, 2}};
  CHECK(utimes("file", micro) == 0 && status_of("file").st_atim.tv_nsec == 1'000);
  CHECK(status_of("file").st_ctim.tv_sec > 1'700'000'000 && close(fd) == 0);
  passed("times");
}

void errors_of_times() {
  timespec stamps[2] = {{0, 1'000'000'000}, {0, 0}};
  CHECK_ERROR(utimensat(AT_FDCWD, "file", stamps, 0), EINVAL);
  stamps[0].tv_nsec = -1;
  CHECK_ERROR(utimensat(AT_FDCWD, "file", stamps, 0), EINVAL);
  CHECK_ERROR(utimensat(AT_FDCWD, "file", nullptr, 0x8000), EINVAL);
  CHECK_ERROR(utimensat(AT_FDCWD, "missing", nullptr, 0), ENOENT);
  CHECK_ERROR(futimens(1234, nullptr), EBADF);
  CHECK_ERROR(syscall(SYS_utimensat, AT_FDCWD, nullptr, nullptr, 0), EFAULT);
  timespec omitted[2] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};
  CHECK(utimensat(AT_FDCWD, "missing", omitted, 0) == 0);  // nothing to do, nothing looked at
  timeval micro[2] = {{0, 1'000'000}, {0, 0}};
  CHECK_ERROR(utimes("file", micro), EINVAL);
  passed("errors of times");
}

void kept_by_the_file() {
  struct stat before = status_of("folder");
  timespec stamps[2] = {{1, 0}, {1, 0}};
  CHECK(utimensat(AT_FDCWD, "folder", stamps, 0) == 0);
  put("folder/new", "x");
  CHECK(status_of("folder").st_mtim.tv_sec > 1'700'000'000 && status_of("folder").st_ino == before.st_ino);
  CHECK(utimensat(AT_FDCWD, "file", stamps, 0) == 0);
  int fd = open("file", O_WRONLY);
  CHECK(fd >= 0 && status_of("file").st_mtim.tv_sec == 1 && write(fd, "y", 1) == 1);
  CHECK(status_of("file").st_mtim.tv_sec > 1'700'000'000 && close(fd) == 0);
  passed("kept by the file");
}

}  // namespace

int main() {
  ScratchFolder scratch;
  modes();
  mask();
  owners();
  times();
  errors_of_times();
  kept_by_the_file();
}
