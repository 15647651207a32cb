// link(2), symlink(2), readlink(2) and their relatives.
#include "scratch_folder.h"

namespace {

void hard() {
  put("file", "contents");
  CHECK(link("file", "second") == 0 && status_of("file").st_nlink == 2);
  CHECK(status_of("file").st_ino == status_of("second").st_ino);
  put("second", "changed");
  CHECK(contents_of("file") == "changed");
  CHECK(chmod("second", 0600) == 0 && (status_of("file").st_mode & 0777) == 0600);
  CHECK_ERROR(link("file", "second"), EEXIST);
  CHECK_ERROR(link("missing", "x"), ENOENT);
  CHECK_ERROR(link("file", "none/x"), ENOENT);
  CHECK_ERROR(link("file", "x/"), ENOENT);
  CHECK_ERROR(link("file/", "x"), ENOTDIR);
  CHECK(mkdir("folder", 0755) == 0);
  CHECK_ERROR(link("folder", "x"), EPERM);
  CHECK_ERROR(link("file", "folder"), EEXIST);
  CHECK(unlink("file") == 0 && contents_of("second") == "changed" && status_of("second").st_nlink == 1);
  passed("hard");
}

void of_links() {
  CHECK(symlink("second", "link") == 0);
  CHECK(linkat(AT_FDCWD, "link", AT_FDCWD, "copy", 0) == 0 && S_ISLNK(status_of("copy").st_mode));
  CHECK(linkat(AT_FDCWD, "link", AT_FDCWD, "followed", AT_SYMLINK_FOLLOW) == 0 &&
        S_ISREG(status_of("followed").st_mode));
  int fd = open("second", O_RDONLY);
  CHECK(linkat(fd, "", AT_FDCWD, "by-descriptor", AT_EMPTY_PATH) == 0 && contents_of("by-descriptor") == "changed");
  CHECK_ERROR(linkat(fd, "", AT_FDCWD, "x", 0), ENOENT);
  CHECK_ERROR(linkat(AT_FDCWD, "link", AT_FDCWD, "x", 0x8000), EINVAL);
  CHECK(close(fd) == 0);
  passed("of links");
}

void symbolic() {
  char target[64] = {};
  CHECK(symlink("anything at all", "free") == 0 && readlink("free", target, sizeof target) == 15);
  CHECK(readlink("free", target, 3) == 3);  // cut off, and no error
  CHECK(status_of("free").st_size == 15 && (status_of("free").st_mode & 07777) == 0777);
  CHECK_ERROR(symlink("x", "free"), EEXIST);
  CHECK_ERROR(symlink("", "empty"), ENOENT);
  CHECK_ERROR(symlink("x", "none/link"), ENOENT);
  CHECK_ERROR(symlink(std::string(4096, 'x').c_str(), "long"), ENAMETOOLONG);
  CHECK_ERROR(readlink("second", target, sizeof target), EINVAL);
  CHECK_ERROR(readlink("missing", target, sizeof target), ENOENT);
  CHECK_ERROR(readlink("free", target, 0), EINVAL);
  CHECK_ERROR(stat("free", reinterpret_cast<struct stat*>(target)), ENOENT);
  int folder = open("folder", O_RDONLY | O_DIRECTORY);
  CHECK(symlinkat("../second", folder, "up") == 0 && contents_of("folder/up") == "changed");
  CHECK(readlinkat(folder, "up", target, sizeof target) == 9 && close(folder) == 0);
  passed("symbolic");
}

void chains() {
  CHECK(symlink("loop-b", "loop-a") == 0 && symlink("loop-a", "loop-b") == 0);
  CHECK_ERROR(open("loop-a", O_RDONLY), ELOOP);
  CHECK_ERROR(open("loop-a/x", O_RDONLY), ELOOP);
  CHECK_ERROR(chdir("loop-a"), ELOOP);
  CHECK(symlink("second", "0") == 0);
  for (int i = 1; i <= 40; ++i) CHECK(symlink(std::to_string(i - 1).c_str(), std::to_string(i).c_str()) == 0);
  CHECK(contents_of("39") == "changed");  // 40 links are followed, and no more
  CHECK_ERROR(open("40", O_RDONLY), ELOOP);
  passed("chains");
}

}  // namespace

int main() {
  ScratchFolder scratch;
  hard();
  of_links();
  symbolic();
  chains();
}
