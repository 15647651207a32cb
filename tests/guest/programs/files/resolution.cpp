// path_resolution(7): what paths mean and how long they may be.
#include <sys/syscall.h>

#include <climits>

#include "scratch_folder.h"

namespace {

void parts() {
  CHECK(mkdir("a", 0755) == 0 && mkdir("a/b", 0755) == 0);
  put("a/b/file", "x");
  for (const char* path : {"a/b/file", "./a//b/./file", "a/b/../b/file", "a/b/../../a/b/file", "a/./b//file"}) {
    CHECK(contents_of(path) == "x");
  }
  CHECK(status_of("/..").st_ino == status_of("/").st_ino && status_of("/../..").st_ino == status_of("/").st_ino);
  CHECK_ERROR(open("a/b/file/", O_RDONLY), ENOTDIR);
  CHECK_ERROR(open("a/b/file/.", O_RDONLY), ENOTDIR);
  CHECK_ERROR(open("a/b/file/..", O_RDONLY), ENOTDIR);
  CHECK_ERROR(open("a/missing/../b/file", O_RDONLY), ENOENT);
  CHECK_ERROR(open("", O_RDONLY), ENOENT);
  CHECK_ERROR(chdir(""), ENOENT);
  passed("parts");
}

void links_on_the_way() {
  CHECK(symlink("a/b", "way") == 0 && symlink("../..", "a/b/up") == 0);
  CHECK(contents_of("way/file") == "x" && contents_of("way/up/way/file") == "x");
  // ".." is that of the folder, not of the link.
  CHECK(contents_of("way/../b/file") == "x");
  CHECK(S_ISLNK(status_of("way").st_mode) && S_ISDIR(status_of("way/").st_mode) &&
        S_ISDIR(status_of("way", 0).st_mode));
  CHECK(symlink("a/b/file", "to-file") == 0);
  CHECK_ERROR(open("to-file/", O_RDONLY), ENOTDIR);
  CHECK_ERROR(open("to-file/x", O_RDONLY), ENOTDIR);
  passed("links on the way");
}

void lengths() {
  const std::string longest(NAME_MAX, 'n');
  put(longest.c_str(), "long name");
  CHECK(contents_of(longest.c_str()) == "long name");
  struct stat status {};
  CHECK_ERROR(stat((longest + "n").c_str(), &status), ENAMETOOLONG);
  CHECK_ERROR(stat((longest + "n/x").c_str(), &status), ENAMETOOLONG);
  CHECK_ERROR(stat(("missing/" + longest + "n").c_str(), &status), ENOENT);
  std::string path;
  while (path.size() + 2 < PATH_MAX - 8) path += "./";
  path += "a/b";
  CHECK(path.size() < PATH_MAX && stat(path.c_str(), &status) == 0);
  path = std::string(PATH_MAX - path.size(), '/').append(path);
  CHECK_ERROR(stat(path.c_str(), &status), ENAMETOOLONG);
  CHECK_ERROR(open(path.c_str(), O_RDONLY), ENAMETOOLONG);
  CHECK_ERROR(mkdir(path.c_str(), 0755), ENAMETOOLONG);
  CHECK(unlink(longest.c_str()) == 0);
  passed("lengths");
}

void deep() {
  int folder = open(".", O_RDONLY | O_DIRECTORY);
  const std::string name(200, 'd');
  for (int i = 0; i < 25; ++i) {  // deeper than a path can say
    CHECK(mkdirat(folder, name.c_str(), 0755) == 0);
    int next = openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY);
    CHECK(next >= 0 && close(folder) == 0);
    folder = next;
  }
  CHECK(fchdir(folder) == 0);
  char buffer[PATH_MAX];
  CHECK(syscall(SYS_getcwd, buffer, sizeof buffer) == -1 && errno == ENAMETOOLONG);
  for (int i = 0; i < 25; ++i) CHECK(chdir("..") == 0 && rmdir(name.c_str()) == 0);
  CHECK(close(folder) == 0 && exists("a"));
  passed("deep");
}

}  // namespace

int main() {
  ScratchFolder scratch;
  parts();
  links_on_the_way();
  lengths();
  deep();
}
