// O_TMPFILE: files without a name, and how they get one.
#include "scratch_folder.h"

namespace {

std::string link_of(int fd) {
  return "/proc/self/fd/" + std::to_string(fd);
}

void without_a_name() {
  int fd = open(".", O_TMPFILE | O_RDWR, 0600);
  CHECK(fd >= 0);
  struct stat status {};
  CHECK(fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 0 && (status.st_mode & 0777) == 0600);
  CHECK(write(fd, "unnamed", 7) == 7 && contents_of(fd) == "unnamed");
  CHECK(rmdir("nothing") == -1 && close(fd) == 0);
  CHECK_ERROR(open(".", O_TMPFILE | O_RDONLY, 0600), EINVAL);
  CHECK_ERROR(open(".", (O_TMPFILE & ~O_DIRECTORY) | O_RDWR, 0600), EINVAL);
  CHECK_ERROR(open("missing", O_TMPFILE | O_RDWR, 0600), ENOENT);
  put("file", "x");
  CHECK_ERROR(open("file", O_TMPFILE | O_RDWR, 0600), ENOTDIR);
  passed("without a name");
}

void named_later() {
  int fd = open(".", O_TMPFILE | O_RDWR, 0644);
  CHECK(write(fd, "named", 5) == 5);
  CHECK(linkat(AT_FDCWD, link_of(fd).c_str(), AT_FDCWD, "named", AT_SYMLINK_FOLLOW) == 0);
  CHECK(contents_of("named") == "named" && status_of("named").st_nlink == 1);
  CHECK(linkat(fd, "", AT_FDCWD, "again", AT_EMPTY_PATH) == 0 && status_of("named").st_nlink == 2);
  CHECK(write(fd, "!", 1) == 1 && contents_of("again") == "named!");
  CHECK(unlink("named") == 0 && unlink("again") == 0);
  CHECK_ERROR(linkat(fd, "", AT_FDCWD, "third", AT_EMPTY_PATH), ENOENT);  // its last name is gone
  CHECK(close(fd) == 0);
  passed("named later");
}

void never_named() {
  int fd = open(".", O_TMPFILE | O_EXCL | O_WRONLY, 0644);
  CHECK(fd >= 0);
  CHECK_ERROR(linkat(AT_FDCWD, link_of(fd).c_str(), AT_FDCWD, "named", AT_SYMLINK_FOLLOW), ENOENT);
  CHECK(close(fd) == 0);
  fd = open("file", O_RDONLY);
  CHECK(unlink("file") == 0);
  CHECK_ERROR(linkat(AT_FDCWD, link_of(fd).c_str(), AT_FDCWD, "back", AT_SYMLINK_FOLLOW), ENOENT);
  CHECK(contents_of(fd) == "x" && close(fd) == 0);
  passed("never named");
}

}  // namespace

int main() {
  ScratchFolder scratch;
  without_a_name();
  named_later();
  never_named();
}
