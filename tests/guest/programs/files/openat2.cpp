// openat2(2): how far a path may lead.
#include <linux/openat2.h>
#include <sys/syscall.h>

#include "scratch_folder.h"

namespace {

int open_how_of(int directory, const char* path, unsigned long flags, unsigned long resolve, unsigned long mode = 0) {
  open_how how{};
  how.flags = flags;
  how.mode = mode;
  how.resolve = resolve;
  return static_cast<int>(syscall(SYS_openat2, directory, path, &how, sizeof how));
}

bool opens(int directory, const char* path, unsigned long resolve) {
  int fd = open_how_of(directory, path, O_RDONLY, resolve);
  return fd >= 0 && close(fd) == 0;
}

void beneath(int folder) {
  CHECK(opens(folder, "inner/file", RESOLVE_BENEATH) && opens(folder, "inner/../inner/file", RESOLVE_BENEATH));
  CHECK(opens(folder, "near", RESOLVE_BENEATH));
  CHECK_ERROR(open_how_of(folder, "..", O_RDONLY, RESOLVE_BENEATH), EXDEV);
  CHECK_ERROR(open_how_of(folder, "inner/../../outside", O_RDONLY, RESOLVE_BENEATH), EXDEV);
  CHECK_ERROR(open_how_of(folder, "/proc/self/exe", O_RDONLY, RESOLVE_BENEATH), EXDEV);
  CHECK_ERROR(open_how_of(folder, "up", O_RDONLY, RESOLVE_BENEATH), EXDEV);
  CHECK_ERROR(open_how_of(folder, "absolute", O_RDONLY, RESOLVE_BENEATH), EXDEV);
  CHECK_ERROR(open_how_of(folder, "missing", O_RDONLY, RESOLVE_BENEATH), ENOENT);
  passed("beneath");
}

void in_root(int folder) {
  CHECK(opens(folder, "/inner/file", RESOLVE_IN_ROOT) && opens(folder, "../../inner/file", RESOLVE_IN_ROOT));
  CHECK(opens(folder, "rooted", RESOLVE_IN_ROOT));  // links to /inner/file
  CHECK_ERROR(open_how_of(folder, "rooted", O_RDONLY, 0), ENOENT);
  CHECK_ERROR(open_how_of(folder, "up", O_RDONLY, RESOLVE_IN_ROOT), ENOENT);
  passed("in root");
}

void links(int folder) {
  CHECK_ERROR(open_how_of(folder, "near", O_RDONLY, RESOLVE_NO_SYMLINKS), ELOOP);
  CHECK_ERROR(open_how_of(folder, "way/file", O_RDONLY, RESOLVE_NO_SYMLINKS), ELOOP);
  CHECK(opens(folder, "inner/file", RESOLVE_NO_SYMLINKS));
  int fd = open_how_of(folder, "near", O_PATH | O_NOFOLLOW, RESOLVE_NO_SYMLINKS);
  CHECK(fd >= 0 && close(fd) == 0);
  CHECK(opens(folder, "near", RESOLVE_NO_MAGICLINKS));
  std::string magic = "/proc/self/fd/" + std::to_string(folder);
  CHECK(opens(AT_FDCWD, magic.c_str(), 0));
  CHECK_ERROR(open_how_of(AT_FDCWD, magic.c_str(), O_RDONLY, RESOLVE_NO_MAGICLINKS), ELOOP);
  CHECK_ERROR(open_how_of(AT_FDCWD, "/proc/self/fd", O_RDONLY, RESOLVE_NO_XDEV), EXDEV);
  CHECK(opens(folder, "inner/file", RESOLVE_NO_XDEV));
  passed("links");
}

void arguments(int folder) {
  CHECK_ERROR(open_how_of(folder, "inner", O_RDONLY, 0x1000), EINVAL);
  CHECK_ERROR(open_how_of(folder, "inner", O_RDONLY, RESOLVE_BENEATH | RESOLVE_IN_ROOT), EINVAL);
  CHECK_ERROR(open_how_of(folder, "inner", 1ul << 40, 0), EINVAL);
  CHECK_ERROR(open_how_of(folder, "inner", O_RDONLY, 0, 0644), EINVAL);  // a mode without O_CREAT
  CHECK_ERROR(open_how_of(folder, "new", O_WRONLY | O_CREAT, 0, 0200000), EINVAL);
  CHECK_ERROR(open_how_of(folder, "inner", O_PATH | O_RDWR, 0), EINVAL);
  int fd = open_how_of(folder, "new", O_WRONLY | O_CREAT, RESOLVE_BENEATH, 0640);
  CHECK(fd >= 0 && close(fd) == 0 && (status_of("folder/new").st_mode & 0777) == 0640);
  struct {
    open_how how;
    unsigned long more;
  } extended{};
  CHECK_ERROR(syscall(SYS_openat2, folder, "inner", &extended, sizeof(open_how) - 1), EINVAL);
  fd = static_cast<int>(syscall(SYS_openat2, folder, "inner", &extended, sizeof extended));
  CHECK(fd >= 0 && close(fd) == 0);
  extended.more = 1;
  CHECK_ERROR(syscall(SYS_openat2, folder, "inner", &extended, sizeof extended), E2BIG);
  CHECK_ERROR(syscall(SYS_openat2, folder, "inner", nullptr, sizeof(open_how)), EFAULT);
  passed("arguments");
}

}  // namespace

int main() {
  ScratchFolder scratch;
  CHECK(mkdir("folder", 0755) == 0 && mkdir("folder/inner", 0755) == 0);
  put("folder/inner/file", "x");
  put("outside", "x");
  CHECK(symlink("inner/file", "folder/near") == 0 && symlink("../outside", "folder/up") == 0);
  CHECK(symlink("/proc/self/exe", "folder/absolute") == 0 && symlink("/inner/file", "folder/rooted") == 0);
  CHECK(symlink("inner", "folder/way") == 0);
  int folder = open("folder", O_PATH | O_DIRECTORY);
  CHECK(folder >= 0);
  beneath(folder);
  in_root(folder);
  links(folder);
  arguments(folder);
}
