// close_range.
#include <fcntl.h>
#include <linux/close_range.h>
#include <unistd.h>

#include "check.h"

int main() {
  int null = open("/dev/null", O_RDWR);
  for (int fd = 100; fd < 110; ++fd) CHECK(dup2(null, fd) == fd);
  CHECK_FAILS(close_range(101, 100, 0), EINVAL);
  CHECK_FAILS(close_range(100, 101, 0x100), EINVAL);
  CHECK(close_range(102, 103, 0) == 0);
  CHECK_FAILS(fcntl(102, F_GETFD), EBADF);
  CHECK_FAILS(fcntl(103, F_GETFD), EBADF);
  CHECK(fcntl(101, F_GETFD) == 0 && fcntl(104, F_GETFD) == 0);
  CHECK(close_range(104, 105, CLOSE_RANGE_CLOEXEC) == 0);
  CHECK(fcntl(104, F_GETFD) == FD_CLOEXEC && fcntl(105, F_GETFD) == FD_CLOEXEC && fcntl(106, F_GETFD) == 0);
  CHECK(close_range(106, 106, CLOSE_RANGE_UNSHARE) == 0);
  CHECK_FAILS(fcntl(106, F_GETFD), EBADF);
  CHECK(close_range(100, ~0U, CLOSE_RANGE_UNSHARE) == 0);
  CHECK_FAILS(fcntl(109, F_GETFD), EBADF);
  CHECK(fcntl(null, F_GETFD) == 0);
  CHECK(close_range(3'000'000, ~0U, 0) == 0);
  passed("close_range");
}
