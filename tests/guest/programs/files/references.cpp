// O_PATH: a descriptor that names a file and does nothing else.
#include <dirent.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "scratch_folder.h"

namespace {

void does_nothing_else() {
  int fd = open("file", O_PATH);
  CHECK(fd >= 0 && (fcntl(fd, F_GETFL) & O_PATH) != 0);
  char byte = 0;
  CHECK_ERROR(read(fd, &byte, 1), EBADF);
  CHECK_ERROR(write(fd, &byte, 1), EBADF);
  CHECK_ERROR(pread(fd, &byte, 1, 0), EBADF);
  CHECK_ERROR(lseek(fd, 0, SEEK_SET), EBADF);
  CHECK_ERROR(ftruncate(fd, 0), EBADF);
  CHECK_ERROR(fsync(fd), EBADF);
  CHECK_ERROR(fchmod(fd, 0600), EBADF);
  CHECK_ERROR(fchown(fd, 0, 0), EBADF);
  CHECK_ERROR(posix_fallocate(fd, 0, 1) == EBADF ? (errno = EBADF, -1) : 0, EBADF);
  CHECK(mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED && errno == EBADF);
  struct stat status {};
  CHECK(fstat(fd, &status) == 0 && status.st_size == 8);
  int copy = dup(fd);
  CHECK(copy >= 0 && fcntl(copy, F_GETFD) == 0 && close(copy) == 0 && close(fd) == 0);
  passed("does nothing else");
}

void directories() {
  int fd = open("folder", O_PATH | O_DIRECTORY);
  CHECK(fd >= 0);
  char buffer[256];
  CHECK_ERROR(syscall(SYS_getdents64, fd, buffer, sizeof buffer), EBADF);
  int inside = openat(fd, "inside", O_WRONLY | O_CREAT, 0644);
  CHECK(inside >= 0 && close(inside) == 0 && exists("folder/inside"));
  CHECK(fchdir(fd) == 0 && exists("inside") && chdir("..") == 0 && close(fd) == 0);
  passed("directories");
}

void links() {
  int fd = open("link", O_PATH | O_NOFOLLOW);
  struct stat status {};
  CHECK(fd >= 0 && fstat(fd, &status) == 0 && S_ISLNK(status.st_mode));
  char target[16] = {};
  CHECK(readlinkat(fd, "", target, sizeof target) == 4 && std::string(target) == "file");
  CHECK_ERROR(openat(fd, "x", O_RDONLY), ENOTDIR);
  CHECK(fstatat(fd, "", &status, AT_EMPTY_PATH) == 0 && S_ISLNK(status.st_mode) && close(fd) == 0);
  fd = open("file", O_PATH);
  CHECK_ERROR(readlinkat(fd, "", target, sizeof target), ENOENT);
  CHECK(close(fd) == 0);
  passed("links");
}

void told_by_proc(const ScratchFolder& scratch) {
  auto link_of = [](int fd) {
    char target[4096];
    ssize_t size = readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), target, sizeof target);
    return std::string(target, size < 0 ? 0 : static_cast<std::size_t>(size));
  };
  put("told", "x");
  int fd = open("told", O_RDONLY);
  CHECK(link_of(fd) == scratch.path("told"));
  CHECK(rename("told", "renamed") == 0 && link_of(fd) == scratch.path("renamed"));
  CHECK(close(fd) == 0 && (fd = open("renamed", O_RDONLY)) >= 0);
  CHECK(unlink("renamed") == 0 && link_of(fd) == scratch.path("renamed") + " (deleted)" && close(fd) == 0);
  passed("told by /proc");
}

void opened_again() {
  int fd = open("file", O_PATH);
  std::string path = "/proc/self/fd/" + std::to_string(fd);
  CHECK(rename("file", "renamed") == 0);
  int again = open(path.c_str(), O_RDWR);
  CHECK(again >= 0 && contents_of(again) == "contents" && write(again, "C", 1) == 1);
  CHECK(contents_of("renamed") == "Contents" && close(again) == 0 && close(fd) == 0);
  passed("opened again");
}

}  // namespace

int main() {
  ScratchFolder scratch;
  put("file", "contents");
  CHECK(mkdir("folder", 0755) == 0 && symlink("file", "link") == 0);
  does_nothing_else();
  directories();
  links();
  told_by_proc(scratch);
  opened_again();
}
