// chroot(2): absolute paths and ".." end at another root.
#include "scratch_folder.h"

namespace {

std::string here() {
  char buffer[4096];
  return getcwd(buffer, sizeof buffer) == nullptr ? "none" : buffer;
}

}  // namespace

int main() {
  ScratchFolder scratch;
  CHECK(mkdir("root", 0755) == 0 && mkdir("root/inner", 0755) == 0);
  put("root/inner/file", "inside");
  put("outside", "outside");
  CHECK(symlink("/inner/file", "root/link") == 0);
  int before = open("/", O_PATH | O_DIRECTORY);
  CHECK_ERROR(chroot("missing"), ENOENT);
  CHECK_ERROR(chroot("outside"), ENOTDIR);
  CHECK_ERROR(open("root/link", O_RDONLY), ENOENT);
  passed("errors");

  CHECK(chroot("root") == 0 && contents_of("/inner/file") == "inside" && contents_of("/link") == "inside");
  CHECK(contents_of("outside") == "outside");  // the working directory stays where it was
  CHECK(chdir("/inner") == 0 && here() == "/inner" && chdir("../../..") == 0 && here() == "/");
  CHECK(contents_of("../inner/file") == "inside" && !exists("/outside") && !exists("/proc"));
  CHECK_ERROR(open(scratch.path("outside").c_str(), O_RDONLY), ENOENT);
  passed("inside");

  CHECK(fchdir(before) == 0 && chroot(".") == 0 && exists("/proc") && close(before) == 0);
  CHECK(contents_of(scratch.path("outside").c_str()) == "outside");
  passed("back");
}
