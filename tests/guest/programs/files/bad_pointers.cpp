// Every address that a file call takes may be wrong: EFAULT, and nothing else happens.
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "scratch_folder.h"

namespace {

char* const kNowhere = reinterpret_cast<char*>(0x10);

void paths() {
  for (long number : {SYS_open, SYS_stat, SYS_lstat, SYS_access, SYS_mkdir, SYS_rmdir, SYS_unlink, SYS_chdir, SYS_chmod,
                      SYS_truncate, SYS_statfs, SYS_utime, SYS_creat}) {
    CHECK_ERROR(syscall(number, kNowhere, 0, 0, 0), EFAULT);
  }
  for (long number : {SYS_openat, SYS_mkdirat, SYS_unlinkat, SYS_faccessat, SYS_fchmodat}) {
    CHECK_ERROR(syscall(number, AT_FDCWD, kNowhere, 0, 0), EFAULT);
  }
  for (long number : {SYS_rename, SYS_link, SYS_symlink}) {
    CHECK_ERROR(syscall(number, kNowhere, "x"), EFAULT);
    CHECK_ERROR(syscall(number, "file", kNowhere), EFAULT);
  }
  CHECK(!exists("x") && exists("file"));
  passed("paths");
}

void a_path_that_runs_out(char* page) {
  std::memset(page, '/', 4096);  // no NUL before the page that is not there
  CHECK_ERROR(open(page + 4096 - 100, O_RDONLY), EFAULT);
  std::strcpy(page + 4096 - 5, "file");
  CHECK(access(page + 4096 - 5, F_OK) == 0);
  passed("a path that runs out");
}

void results(int fd) {
  CHECK_ERROR(syscall(SYS_stat, "file", kNowhere), EFAULT);
  CHECK_ERROR(syscall(SYS_fstat, fd, kNowhere), EFAULT);
  CHECK_ERROR(syscall(SYS_statfs, ".", kNowhere), EFAULT);
  CHECK_ERROR(syscall(SYS_statx, AT_FDCWD, "file", 0, 0x7ff, kNowhere), EFAULT);
  CHECK(symlink("target", "link") == 0);
  CHECK_ERROR(syscall(SYS_readlink, "link", kNowhere, 10), EFAULT);
  CHECK_ERROR(syscall(SYS_getcwd, kNowhere, 4096), EFAULT);
  CHECK_ERROR(syscall(SYS_utimensat, AT_FDCWD, "file", kNowhere, 0), EFAULT);
  passed("results");
}

void buffers(int fd, char* page) {
  CHECK_ERROR(syscall(SYS_read, fd, kNowhere, 4), EFAULT);
  CHECK_ERROR(syscall(SYS_pread64, fd, kNowhere, 4, 0), EFAULT);
  CHECK(lseek(fd, 0, SEEK_CUR) == 0);
  CHECK_ERROR(syscall(SYS_write, fd, kNowhere, 4), EFAULT);
  CHECK_ERROR(syscall(SYS_pwrite64, fd, kNowhere, 4, 0), EFAULT);
  CHECK_ERROR(syscall(SYS_readv, fd, kNowhere, 1), EFAULT);
  CHECK_ERROR(syscall(SYS_writev, fd, kNowhere, 1), EFAULT);
  iovec parts[2] = {{page, 2}, {kNowhere, 2}};
  CHECK(preadv(fd, parts, 2, 0) == 2);  // what could be moved was moved
  CHECK(contents_of(fd) == "contents");
  // The buffer ends where its page does.
  CHECK(pread(fd, page + 4096 - 8, 8, 0) == 8 && std::memcmp(page + 4096 - 8, "contents", 8) == 0);
  passed("buffers");
}

}  // namespace

int main() {
  ScratchFolder scratch;
  put("file", "contents");
  void* mapped = mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(mapped != MAP_FAILED);
  char* page = static_cast<char*>(mapped);
  CHECK(munmap(page + 4096, 4096) == 0);
  int fd = open("file", O_RDWR);
  paths();
  a_path_that_runs_out(page);
  results(fd);
  buffers(fd, page);
  CHECK(close(fd) == 0);
}
