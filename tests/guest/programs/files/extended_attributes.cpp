// xattr(7): names with values that are kept with a file.
#include <sys/syscall.h>
#include <sys/xattr.h>

#include "scratch_folder.h"

namespace {

std::string value_of(const char* path, const char* name) {
  char value[256];
  ssize_t size = getxattr(path, name, value, sizeof value);
  return size < 0 ? "none" : std::string(value, static_cast<std::size_t>(size));
}

void values() {
  CHECK(setxattr("file", "user.one", "first", 5, 0) == 0 && value_of("file", "user.one") == "first");
  CHECK(setxattr("file", "user.one", "second", 6, 0) == 0 && value_of("file", "user.one") == "second");
  CHECK(setxattr("file", "user.empty", "", 0, XATTR_CREATE) == 0 && value_of("file", "user.empty").empty());
  CHECK_ERROR(setxattr("file", "user.one", "x", 1, XATTR_CREATE), EEXIST);
  CHECK_ERROR(setxattr("file", "user.new", "x", 1, XATTR_REPLACE), ENODATA);
  CHECK(setxattr("file", "user.one", "x", 1, XATTR_REPLACE) == 0 && value_of("file", "user.one") == "x");
  CHECK(getxattr("file", "user.one", nullptr, 0) == 1);
  CHECK(setxattr("file", "user.one", "four", 4, 0) == 0);
  char small[2];
  CHECK_ERROR(getxattr("file", "user.one", small, 2), ERANGE);
  CHECK_ERROR(getxattr("file", "user.none", small, 2), ENODATA);
  passed("values");
}

void names() {
  char buffer[64] = {};
  CHECK(listxattr("file", nullptr, 0) == 20 && listxattr("file", buffer, sizeof buffer) == 20);
  std::string all(buffer, 20);
  CHECK(all.find("user.one") != std::string::npos && all.find("user.empty") != std::string::npos);
  CHECK_ERROR(listxattr("file", buffer, 5), ERANGE);
  CHECK(removexattr("file", "user.empty") == 0 && listxattr("file", nullptr, 0) == 9);
  CHECK_ERROR(removexattr("file", "user.empty"), ENODATA);
  CHECK(listxattr("other", nullptr, 0) == 0);
  passed("names");
}

void places() {
  CHECK(setxattr("link", "user.by-link", "v", 1, 0) == 0 && value_of("file", "user.by-link") == "v");
  CHECK_ERROR(lsetxattr("link", "user.x", "v", 1, 0), EPERM);
  CHECK(lsetxattr("link", "trusted.x", "v", 1, 0) == 0 && lgetxattr("link", "trusted.x", nullptr, 0) == 1);
  CHECK(lsetxattr("file", "user.l", "v", 1, 0) == 0 && lgetxattr("file", "user.l", nullptr, 0) == 1);
  CHECK(setxattr("folder", "user.of-folder", "v", 1, 0) == 0 && value_of("folder", "user.of-folder") == "v");
  int fd = open("file", O_RDONLY);
  char value[8];
  CHECK(fsetxattr(fd, "user.fd", "vw", 2, 0) == 0 && fgetxattr(fd, "user.fd", value, 8) == 2);
  CHECK(flistxattr(fd, nullptr, 0) > 0 && fremovexattr(fd, "user.fd") == 0);
  CHECK(rename("file", "moved") == 0 && value_of("moved", "user.by-link") == "v" && close(fd) == 0);
  put("moved", "new contents");
  CHECK(value_of("moved", "user.by-link") == "v" && rename("moved", "file") == 0);
  passed("places");
}

void errors() {
  const std::string large(1 << 20, 'x');
  CHECK_ERROR(setxattr("missing", "user.x", "v", 1, 0), ENOENT);
  CHECK_ERROR(fsetxattr(1234, "user.x", "v", 1, 0), EBADF);
  CHECK_ERROR(setxattr("file", "nonsense", "v", 1, 0), EOPNOTSUPP);
  CHECK_ERROR(setxattr("file", "user.", "v", 1, 0), EINVAL);
  CHECK_ERROR(setxattr("file", "", "v", 1, 0), ERANGE);
  CHECK_ERROR(setxattr("file", ("user." + std::string(300, 'x')).c_str(), "v", 1, 0), ERANGE);
  CHECK_ERROR(setxattr("file", "user.x", "v", 1, 4), EINVAL);
  CHECK_ERROR(setxattr("file", "user.x", large.data(), large.size(), 0), E2BIG);
  CHECK_ERROR(syscall(SYS_setxattr, "file", "user.x", 8, 1, 0), EFAULT);
  CHECK_ERROR(syscall(SYS_setxattr, "file", 8, "v", 1, 0), EFAULT);
  CHECK_ERROR(syscall(SYS_getxattr, "file", "user.l", 8, 4), EFAULT);
  passed("errors");
}

}  // namespace

int main() {
  ScratchFolder scratch;
  put("file", "x");
  put("other", "x");
  CHECK(symlink("file", "link") == 0 && mkdir("folder", 0755) == 0);
  values();
  names();
  places();
  errors();
}
