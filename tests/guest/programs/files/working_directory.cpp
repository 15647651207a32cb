// chdir(2), fchdir(2), getcwd(3): where relative paths start.
#include <sys/syscall.h>

#include "scratch_folder.h"

namespace {

std::string here() {
  char buffer[4096];
  CHECK(getcwd(buffer, sizeof buffer) == buffer);
  return buffer;
}

void changes(const ScratchFolder& scratch) {
  CHECK(mkdir("a", 0755) == 0 && mkdir("a/b", 0755) == 0 && symlink("a/b", "link") == 0);
  CHECK(here() == scratch.path());
  CHECK(chdir("a") == 0 && here() == scratch.path("a") && chdir("b/..") == 0 && here() == scratch.path("a"));
  CHECK(chdir("../link") == 0 && here() == scratch.path("a/b"));  // where the link leads
  int fd = open("../..", O_RDONLY | O_DIRECTORY);
  CHECK(fchdir(fd) == 0 && here() == scratch.path() && close(fd) == 0);
  put("file", "x");
  CHECK_ERROR(chdir("file"), ENOTDIR);
  CHECK_ERROR(chdir("missing"), ENOENT);
  fd = open("file", O_RDONLY);
  CHECK_ERROR(fchdir(fd), ENOTDIR);
  CHECK(close(fd) == 0);
  CHECK_ERROR(fchdir(1234), EBADF);
  passed("changes");
}

void renamed(const ScratchFolder& scratch) {
  CHECK(chdir("a/b") == 0 && rename(scratch.path("a").c_str(), scratch.path("moved").c_str()) == 0);
  CHECK(here() == scratch.path("moved/b"));
  put("relative", "x");
  CHECK(chdir("../..") == 0 && contents_of("moved/b/relative") == "x" && unlink("moved/b/relative") == 0);
  passed("renamed");
}

void removed(const ScratchFolder& scratch) {
  CHECK(chdir("moved/b") == 0 && rmdir(scratch.path("moved/b").c_str()) == 0);
  char buffer[4096];
  CHECK(getcwd(buffer, sizeof buffer) == nullptr && errno == ENOENT);
  CHECK_ERROR(open("file", O_WRONLY | O_CREAT, 0644), ENOENT);
  struct stat status {};
  CHECK(stat(".", &status) == 0 && S_ISDIR(status.st_mode));
  CHECK(chdir(scratch.path().c_str()) == 0 && here() == scratch.path());
  passed("removed");
}

void sizes(const ScratchFolder& scratch) {
  char buffer[4096];
  unsigned long size = scratch.path().size() + 1;
  CHECK(syscall(SYS_getcwd, buffer, size) == static_cast<long>(size));
  CHECK_ERROR(syscall(SYS_getcwd, buffer, size - 1), ERANGE);
  CHECK_ERROR(syscall(SYS_getcwd, nullptr, 100), EFAULT);
  char link[4096] = {};
  CHECK(readlink("/proc/self/cwd", link, sizeof link) > 0 && scratch.path() == link);
  passed("sizes");
}

}  // namespace

int main() {
  ScratchFolder scratch;
  changes(scratch);
  renamed(scratch);
  removed(scratch);
  sizes(scratch);
}
