// fcntl: status flags, owners, what cannot be changed; FIONBIO and its kin.
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <initializer_list>

#include "check.h"

namespace {

void flags() {
  int ends[2];
  CHECK(pipe(ends) == 0);
  CHECK((fcntl(ends[0], F_GETFL) & O_ACCMODE) == O_RDONLY);
  CHECK((fcntl(ends[1], F_GETFL) & O_ACCMODE) == O_WRONLY);
  CHECK(fcntl(ends[0], F_SETFL, O_RDWR | O_NONBLOCK | O_CREAT | O_CLOEXEC) == 0);
  CHECK(fcntl(ends[0], F_GETFL) == (O_RDONLY | O_NONBLOCK));
  CHECK(fcntl(ends[0], F_SETFL, 0) == 0 && fcntl(ends[0], F_GETFL) == O_RDONLY);
  CHECK(fcntl(ends[1], F_SETFL, O_APPEND) == 0 && fcntl(ends[1], F_GETFL) == (O_WRONLY | O_APPEND));
  CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
  int file = open("/tmp", O_TMPFILE | O_RDWR | O_APPEND, 0600);
  CHECK(file >= 0 && (fcntl(file, F_GETFL) & (O_ACCMODE | O_APPEND)) == (O_RDWR | O_APPEND));
  CHECK(fcntl(file, F_SETFL, 0) == 0 && (fcntl(file, F_GETFL) & O_APPEND) == 0);
  CHECK(close(file) == 0);
  passed("status flags");
}

void asynchronous() {
  int ends[2];
  CHECK(pipe(ends) == 0);
  CHECK(fcntl(ends[0], F_SETFL, O_ASYNC) == 0 && fcntl(ends[0], F_GETFL) == (O_RDONLY | O_ASYNC));
  int off = 0;
  CHECK(ioctl(ends[0], FIOASYNC, &off) == 0 && fcntl(ends[0], F_GETFL) == O_RDONLY);
  // What cannot send signals refuses the ioctl and ignores the flag.
  int counter = eventfd(0, 0);
  int on = 1;
  CHECK_FAILS(ioctl(counter, FIOASYNC, &on), ENOTTY);
  CHECK(fcntl(counter, F_SETFL, O_ASYNC) == 0 && fcntl(counter, F_GETFL) == O_RDWR);
  CHECK_FAILS(fcntl(counter, F_SETFL, O_DIRECT), EINVAL);
  CHECK(close(counter) == 0 && close(ends[0]) == 0 && close(ends[1]) == 0);
  passed("O_ASYNC only where it can be");
}

void owners() {
  int ends[2];
  CHECK(pipe(ends) == 0);
  CHECK(fcntl(ends[0], F_GETOWN) == 0 && fcntl(ends[0], F_GETSIG) == 0);
  CHECK(fcntl(ends[0], F_SETOWN, getpid()) == 0 && fcntl(ends[0], F_GETOWN) == getpid());
  CHECK(fcntl(ends[1], F_GETOWN) == 0);
  CHECK_FAILS(fcntl(ends[0], F_SETOWN, 3'999'999), ESRCH);
  f_owner_ex owner{F_OWNER_TID, gettid()};
  CHECK(fcntl(ends[0], F_SETOWN_EX, &owner) == 0);
  owner = {};
  CHECK(fcntl(ends[0], F_GETOWN_EX, &owner) == 0 && owner.type == F_OWNER_TID && owner.pid == gettid());
  std::memset(&owner.type, 7, sizeof owner.type);
  CHECK_FAILS(fcntl(ends[0], F_SETOWN_EX, &owner), EINVAL);
  CHECK_FAILS(fcntl(ends[0], F_SETOWN_EX, bad_address()), EFAULT);
  CHECK(fcntl(ends[0], F_SETOWN, 0) == 0 && fcntl(ends[0], F_GETOWN) == 0);
  CHECK(fcntl(ends[0], F_SETSIG, 34) == 0 && fcntl(ends[0], F_GETSIG) == 34);
  CHECK_FAILS(fcntl(ends[0], F_SETSIG, 65), EINVAL);
  CHECK_FAILS(fcntl(ends[0], F_SETSIG, -1), EINVAL);
  CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
  passed("owner and signal");
}

void errors() {
  CHECK_FAILS(fcntl(999, F_GETFL), EBADF);
  CHECK_FAILS(fcntl(999, F_SETFD, 0), EBADF);
  CHECK_FAILS(fcntl(0, 12345), EINVAL);
  int path = open("/tmp", O_PATH);
  CHECK(path >= 0);
  CHECK_FAILS(fcntl(path, F_SETFL, 0), EBADF);
  CHECK((fcntl(path, F_GETFL) & O_PATH) != 0 && fcntl(path, F_GETFD) == 0);
  CHECK_FAILS(ioctl(path, FIONBIO, bad_address()), EBADF);
  CHECK(close(path) == 0);
  passed("what fcntl refuses");
}

void controls() {
  int ends[2];
  CHECK(pipe(ends) == 0);
  int on = 1;
  int off = 0;
  CHECK(ioctl(ends[0], FIONBIO, &on) == 0 && (fcntl(ends[0], F_GETFL) & O_NONBLOCK) != 0);
  CHECK(ioctl(ends[0], FIONBIO, &off) == 0 && (fcntl(ends[0], F_GETFL) & O_NONBLOCK) == 0);
  CHECK_FAILS(ioctl(ends[0], FIONBIO, bad_address()), EFAULT);
  CHECK(ioctl(ends[0], FIOCLEX) == 0 && fcntl(ends[0], F_GETFD) == FD_CLOEXEC);
  CHECK(ioctl(ends[0], FIONCLEX) == 0 && fcntl(ends[0], F_GETFD) == 0);
  CHECK_FAILS(ioctl(999, FIOCLEX), EBADF);
  CHECK_FAILS(ioctl(ends[0], FIONREAD, bad_address()), EFAULT);
  winsize window{};
  CHECK_FAILS(ioctl(ends[0], TIOCGWINSZ, &window), ENOTTY);
  CHECK(isatty(ends[0]) == 0 && errno == ENOTTY);
  CHECK(isatty(999) == 0 && errno == EBADF);
  pid_t group = 0;
  CHECK_FAILS(ioctl(ends[1], TIOCGPGRP, &group), ENOTTY);
  CHECK_FAILS(ioctl(ends[1], 0x12345678, &group), ENOTTY);
  int counter = eventfd(0, 0);
  int count = 0;
  CHECK_FAILS(ioctl(counter, FIONREAD, &count), ENOTTY);
  CHECK(close(counter) == 0);
  CHECK(write(ends[1], "12345", 5) == 5);
  CHECK(ioctl(ends[0], FIONREAD, &count) == 0 && count == 5);
  CHECK(ioctl(ends[1], FIONREAD, &count) == 0 && count == 5);
  int file = open("/tmp", O_TMPFILE | O_RDWR, 0600);
  CHECK(write(file, "123456", 6) == 6 && lseek(file, 2, SEEK_SET) == 2);
  CHECK(ioctl(file, FIONREAD, &count) == 0 && count == 4);
  CHECK_FAILS(ioctl(file, TCGETS, &window), ENOTTY);
  for (int each : {ends[0], ends[1], file}) CHECK(close(each) == 0);
  int null = open("/dev/null", O_RDWR);
  CHECK_FAILS(ioctl(null, TIOCGWINSZ, &window), ENOTTY);
  CHECK_FAILS(ioctl(null, FIONREAD, &count), ENOTTY);
  CHECK(close(null) == 0);
  passed("ioctl");
}

}  // namespace

int main() {
  flags();
  asynchronous();
  owners();
  errors();
  controls();
}
