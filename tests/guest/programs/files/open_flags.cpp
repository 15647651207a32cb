// open(2): what each flag does, and which combinations are refused.
#include "scratch_folder.h"

namespace {

void creation() {
  CHECK_ERROR(open("file", O_RDONLY), ENOENT);
  int fd = open("file", O_RDWR | O_CREAT | O_EXCL, 0666);
  CHECK(fd >= 0 && (status_of("file").st_mode & 07777) == 0644);  // the umask takes its part
  CHECK(write(fd, "contents", 8) == 8 && close(fd) == 0);
  CHECK_ERROR(open("file", O_RDWR | O_CREAT | O_EXCL, 0666), EEXIST);
  fd = open("file", O_RDONLY | O_CREAT, 0600);
  CHECK(fd >= 0 && contents_of(fd) == "contents" && close(fd) == 0);
  CHECK((status_of("file").st_mode & 07777) == 0644);
  // A file that is made may be written even if its mode forbids that to others.
  fd = open("read-only", O_WRONLY | O_CREAT, 0400);
  CHECK(fd >= 0 && write(fd, "x", 1) == 1 && close(fd) == 0);
  CHECK(symlink("missing", "dangling") == 0);
  CHECK_ERROR(open("dangling", O_RDWR | O_CREAT | O_EXCL, 0644), EEXIST);
  CHECK_ERROR(open("dangling", O_RDONLY), ENOENT);
  fd = open("dangling", O_RDWR | O_CREAT, 0644);
  CHECK(fd >= 0 && close(fd) == 0 && exists("missing"));
  CHECK(creat("file", 0644) >= 0 && contents_of("file").empty());
  CHECK_ERROR(open("none/file", O_RDWR | O_CREAT, 0644), ENOENT);
  CHECK_ERROR(open("file/below", O_RDWR | O_CREAT, 0644), ENOTDIR);
  CHECK_ERROR(open("", O_RDWR | O_CREAT, 0644), ENOENT);
  passed("creation");
}

void truncation() {
  put("file", "contents");
  int fd = open("file", O_WRONLY | O_TRUNC);
  CHECK(fd >= 0 && status_of("file").st_size == 0 && close(fd) == 0);
  put("file", "contents");
  fd = open("file", O_RDWR);
  int second = open("file", O_WRONLY | O_TRUNC);
  char byte = 0;
  CHECK(read(fd, &byte, 1) == 0);  // who has it open sees it, too
  CHECK(close(fd) == 0 && close(second) == 0);
  passed("truncation");
}

void appending() {
  put("file", "one");
  int fd = open("file", O_RDWR | O_APPEND);
  CHECK(fd >= 0 && lseek(fd, 0, SEEK_CUR) == 0);
  CHECK(write(fd, "two", 3) == 3 && lseek(fd, 0, SEEK_CUR) == 6);
  CHECK(lseek(fd, 1, SEEK_SET) == 1 && write(fd, "three", 5) == 5);
  CHECK(pwrite(fd, "four", 4, 0) == 4);  // on Linux, the offset is not heeded
  CHECK(contents_of("file") == "onetwothreefour");
  CHECK(fcntl(fd, F_SETFL, 0) == 0 && pwrite(fd, "ONE", 3, 0) == 3);
  CHECK(contents_of("file") == "ONEtwothreefour" && close(fd) == 0);
  passed("appending");
}

void kinds() {
  CHECK(mkdir("folder", 0755) == 0 && symlink("folder", "link") == 0);
  CHECK_ERROR(open("file", O_RDONLY | O_DIRECTORY), ENOTDIR);
  CHECK_ERROR(open("folder", O_WRONLY), EISDIR);
  CHECK_ERROR(open("folder", O_RDWR), EISDIR);
  CHECK_ERROR(open("folder", O_RDONLY | O_CREAT, 0644), EISDIR);
  CHECK_ERROR(open("folder", O_RDONLY | O_TRUNC), EISDIR);
  CHECK_ERROR(open("link", O_RDONLY | O_NOFOLLOW), ELOOP);
  CHECK_ERROR(open("link", O_RDONLY | O_NOFOLLOW | O_DIRECTORY), ENOTDIR);
  int fd = open("link", O_RDONLY | O_DIRECTORY);
  CHECK(fd >= 0 && close(fd) == 0);
  fd = open("link/", O_RDONLY | O_NOFOLLOW);  // only the last part is not followed
  CHECK(fd >= 0 && close(fd) == 0);
  CHECK_ERROR(open("file/", O_RDONLY), ENOTDIR);
  CHECK_ERROR(open("new/", O_RDWR | O_CREAT, 0644), EISDIR);
  CHECK_ERROR(open("file/", O_RDWR | O_CREAT, 0644), EISDIR);
  CHECK_ERROR(open("folder/.", O_RDWR | O_CREAT, 0644), EISDIR);
  CHECK_ERROR(open("new", O_RDWR | O_CREAT | O_DIRECTORY, 0644), EINVAL);
  passed("kinds");
}

void status_flags() {
  int fd = open("file", O_RDWR | O_APPEND | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | O_TRUNC | O_CREAT, 0644);
  CHECK(fd >= 0);
  int flags = fcntl(fd, F_GETFL);
  CHECK((flags & O_ACCMODE) == O_RDWR && (flags & O_APPEND) != 0 && (flags & O_NONBLOCK) != 0);
  CHECK((flags & (O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY)) == 0);  // these are done with
  CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC && close(fd) == 0);
  fd = open("file", O_RDONLY | O_NOATIME);
  CHECK(fd >= 0 && (fcntl(fd, F_GETFL) & O_NOATIME) != 0 && close(fd) == 0);
  fd = open("file", O_RDONLY);
  CHECK_ERROR(write(fd, "x", 1), EBADF);
  CHECK_ERROR(pwrite(fd, "x", 1, 0), EBADF);
  CHECK_ERROR(ftruncate(fd, 0), EINVAL);
  CHECK(close(fd) == 0);
  char byte = 0;
  fd = open("file", O_WRONLY);
  CHECK_ERROR(read(fd, &byte, 1), EBADF);
  CHECK_ERROR(pread(fd, &byte, 1, 0), EBADF);
  CHECK(close(fd) == 0);
  passed("status flags");
}

void relative_to_a_descriptor() {
  int folder = open("folder", O_RDONLY | O_DIRECTORY);
  int fd = openat(folder, "inside", O_WRONLY | O_CREAT, 0644);
  CHECK(fd >= 0 && close(fd) == 0 && exists("folder/inside"));
  fd = openat(folder, "../file", O_RDONLY);
  CHECK(fd >= 0);
  CHECK_ERROR(openat(fd, "inside", O_RDONLY), ENOTDIR);
  CHECK_ERROR(openat(1234, "inside", O_RDONLY), EBADF);
  CHECK_ERROR(openat(-1, "inside", O_RDONLY), EBADF);
  int absolute = openat(1234, "/proc/self/exe", O_RDONLY);  // the descriptor is not looked at
  CHECK(absolute >= 0 && close(absolute) == 0 && close(fd) == 0);
  CHECK(renameat(AT_FDCWD, "folder", AT_FDCWD, "moved") == 0);
  fd = openat(folder, "inside", O_RDONLY);  // a descriptor goes along
  CHECK(fd >= 0 && close(fd) == 0 && close(folder) == 0);
  passed("relative to a descriptor");
}

}  // namespace

int main() {
  ScratchFolder folder;
  creation();
  truncation();
  appending();
  kinds();
  status_flags();
  relative_to_a_descriptor();
}
