// mkdir(2), rmdir(2), unlink(2) and unlinkat(2).
#include "scratch_folder.h"

namespace {

void directories() {
  CHECK(mkdir("folder", 0777) == 0 && (status_of("folder").st_mode & 07777) == 0755);
  CHECK_ERROR(mkdir("folder", 0777), EEXIST);
  CHECK_ERROR(mkdir("none/folder", 0777), ENOENT);
  CHECK_ERROR(mkdir(".", 0777), EEXIST);
  CHECK_ERROR(mkdir("/", 0777), EEXIST);
  CHECK(mkdir("sticky/", 01777) == 0 && (status_of("sticky").st_mode & 07777) == 01755);
  put("file", "x");
  CHECK_ERROR(mkdir("file", 0777), EEXIST);
  CHECK_ERROR(mkdir("file/below", 0777), ENOTDIR);
  CHECK(symlink("missing", "dangling") == 0);
  CHECK_ERROR(mkdir("dangling", 0777), EEXIST);
  CHECK_ERROR(mkdir("", 0777), ENOENT);
  CHECK_ERROR(mkdir(std::string(256, 'n').c_str(), 0777), ENAMETOOLONG);
  nlink_t links = status_of(".").st_nlink;
  CHECK(mkdir("folder/sub", 0755) == 0 && mkdir("more", 0755) == 0);
  CHECK(status_of(".").st_nlink == links + 1 || status_of(".").st_nlink == 1);
  passed("directories");
}

void removal_of_directories() {
  CHECK_ERROR(rmdir("folder"), ENOTEMPTY);
  CHECK_ERROR(rmdir("missing"), ENOENT);
  CHECK_ERROR(rmdir("file"), ENOTDIR);
  CHECK_ERROR(rmdir("dangling"), ENOTDIR);
  CHECK_ERROR(rmdir("folder/."), EINVAL);
  CHECK_ERROR(rmdir("folder/sub/.."), ENOTEMPTY);
  CHECK_ERROR(rmdir("/"), EBUSY);
  CHECK_ERROR(rmdir("/proc"), EBUSY);
  CHECK(rmdir("folder/sub/") == 0 && rmdir("more") == 0 && !exists("folder/sub"));
  CHECK(symlink("folder", "link") == 0);
  CHECK_ERROR(rmdir("link"), ENOTDIR);
  CHECK_ERROR(rmdir("link/"), ENOTDIR);
  passed("removal of directories");
}

void removal_of_files() {
  CHECK_ERROR(unlink("missing"), ENOENT);
  CHECK_ERROR(unlink("folder"), EISDIR);
  CHECK_ERROR(unlink("folder/"), EISDIR);
  CHECK_ERROR(unlink("folder/."), EISDIR);
  CHECK_ERROR(unlink("file/"), ENOTDIR);
  CHECK_ERROR(unlink("file/below"), ENOTDIR);
  CHECK_ERROR(unlink(""), ENOENT);
  CHECK(unlink("link") == 0 && exists("folder") && unlink("dangling") == 0);
  int fd = open("file", O_RDWR);
  CHECK(unlink("file") == 0 && !exists("file"));
  struct stat status {};
  CHECK(fstat(fd, &status) == 0 && status.st_nlink == 0 && contents_of(fd) == "x" && write(fd, "y", 1) == 1);
  put("file", "another");
  CHECK(contents_of(fd) == "y" && close(fd) == 0);
  passed("removal of files");
}

void at_descriptors() {
  int folder = open("folder", O_RDONLY | O_DIRECTORY);
  CHECK(mkdirat(folder, "inner", 0755) == 0);
  CHECK_ERROR(unlinkat(folder, "inner", 0), EISDIR);
  CHECK_ERROR(unlinkat(folder, "../file", AT_REMOVEDIR), ENOTDIR);
  CHECK_ERROR(unlinkat(folder, "inner", 0x4000), EINVAL);
  CHECK(unlinkat(folder, "inner", AT_REMOVEDIR) == 0 && unlinkat(folder, "../file", 0) == 0 && !exists("file"));
  CHECK_ERROR(unlinkat(1234, "x", 0), EBADF);
  CHECK(rmdir("folder") == 0);
  CHECK_ERROR(openat(folder, "x", O_WRONLY | O_CREAT, 0644), ENOENT);
  CHECK_ERROR(mkdirat(folder, "x", 0755), ENOENT);
  CHECK_ERROR(symlinkat("x", folder, "x"), ENOENT);
  struct stat status {};
  CHECK(fstat(folder, &status) == 0 && S_ISDIR(status.st_mode) && status.st_nlink == 0 && close(folder) == 0);
  passed("at descriptors");
}

}  // namespace

int main() {
  ScratchFolder scratch;
  directories();
  removal_of_directories();
  removal_of_files();
  at_descriptors();
}
