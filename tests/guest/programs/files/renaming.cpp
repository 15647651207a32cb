// rename(2) and renameat2(2).
#include <linux/fs.h>
#include <sys/syscall.h>

#include "scratch_folder.h"

namespace {

int rename_with(const char* from, const char* to, unsigned flags) {
  return static_cast<int>(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags));
}

void files() {
  put("a", "a");
  put("b", "b");
  ino_t number = status_of("a").st_ino;
  CHECK(rename("a", "b") == 0 && !exists("a") && contents_of("b") == "a" && status_of("b").st_ino == number);
  CHECK_ERROR(rename("a", "b"), ENOENT);
  CHECK_ERROR(rename("b", "none/b"), ENOENT);
  CHECK_ERROR(rename("b", ""), ENOENT);
  CHECK(rename("b", "b") == 0 && exists("b"));
  CHECK(link("b", "c") == 0 && rename("b", "c") == 0 && exists("b") && exists("c"));  // one file: nothing happens
  int fd = open("c", O_RDONLY);
  put("d", "d");
  CHECK(rename("d", "c") == 0 && contents_of(fd) == "a" && contents_of("c") == "d" && close(fd) == 0);
  CHECK(symlink("c", "link") == 0 && rename("link", "moved") == 0 && S_ISLNK(status_of("moved").st_mode));
  CHECK_ERROR(rename("c/", "e"), ENOTDIR);
  CHECK_ERROR(rename("c", "e/"), ENOTDIR);
  passed("files");
}

void directories() {
  CHECK(mkdir("dir", 0755) == 0 && mkdir("dir/sub", 0755) == 0 && mkdir("empty", 0755) == 0);
  put("dir/sub/file", "x");
  CHECK_ERROR(rename("dir", "dir/sub/dir"), EINVAL);
  CHECK_ERROR(rename("dir/sub", "dir"), ENOTEMPTY);
  CHECK_ERROR(rename("empty", "dir"), ENOTEMPTY);
  CHECK_ERROR(rename("empty", "c"), ENOTDIR);
  CHECK_ERROR(rename("c", "empty"), EISDIR);
  CHECK(rename("dir", "empty") == 0 && contents_of("empty/sub/file") == "x" && !exists("dir"));
  CHECK(rename("empty/sub/", "sub/") == 0 && contents_of("sub/file") == "x");
  CHECK_ERROR(rename("sub/.", "other"), EBUSY);
  CHECK_ERROR(rename("sub", "empty/.."), EBUSY);
  CHECK(status_of("empty").st_nlink == 2);
  passed("directories");
}

void no_replacement() {
  CHECK_ERROR(rename_with("b", "c", RENAME_NOREPLACE), EEXIST);
  CHECK(rename_with("b", "new", RENAME_NOREPLACE) == 0 && exists("new") && !exists("b"));
  CHECK_ERROR(rename_with("b", "c", RENAME_NOREPLACE), ENOENT);
  CHECK_ERROR(rename_with("new", "c", RENAME_NOREPLACE | RENAME_EXCHANGE), EINVAL);
  CHECK_ERROR(rename_with("new", "c", 0x100), EINVAL);
  passed("no replacement");
}

void exchange() {
  CHECK(rename_with("new", "c", RENAME_EXCHANGE) == 0 && contents_of("new") == "d" && contents_of("c") == "a");
  CHECK(rename_with("new", "sub", RENAME_EXCHANGE) == 0 && contents_of("new/file") == "x" && contents_of("sub") == "d");
  CHECK_ERROR(rename_with("new", "missing", RENAME_EXCHANGE), ENOENT);
  CHECK(mkdir("new/below", 0755) == 0);
  CHECK_ERROR(rename_with("new", "new/below", RENAME_EXCHANGE), EINVAL);
  passed("exchange");
}

void between_descriptors() {
  int from = open("new", O_RDONLY | O_DIRECTORY);
  int to = open("empty", O_RDONLY | O_DIRECTORY);
  CHECK(renameat(from, "file", to, "arrived") == 0 && contents_of("empty/arrived") == "x");
  CHECK_ERROR(renameat(from, "file", 1234, "x"), EBADF);
  CHECK(close(from) == 0 && close(to) == 0);
  passed("between descriptors");
}

}  // namespace

int main() {
  ScratchFolder scratch;
  files();
  directories();
  no_replacement();
  exchange();
  between_descriptors();
}
