// dup, dup2, dup3, fcntl F_DUPFD: numbers, flags, what is shared, the limit.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <initializer_list>

#include "check.h"

namespace {

int open_pipe_reader() {
  int ends[2];
  CHECK(pipe(ends) == 0 && close(ends[1]) == 0);
  return ends[0];
}

void numbers() {
  int fd = open_pipe_reader();
  int copy = dup(fd);
  CHECK(copy > fd);
  CHECK(dup2(fd, 50) == 50 && dup2(fd, fd) == fd);
  CHECK(fcntl(fd, F_DUPFD, 50) == 51);
  CHECK(close(copy) == 0 && dup(fd) == copy);
  CHECK(dup2(50, copy) == copy);  // replaces what is open there
  for (int each : {fd, copy, 50, 51}) CHECK(close(each) == 0);
  CHECK_FAILS(close(50), EBADF);
  passed("the lowest free number is given out");
}

void errors() {
  int fd = open_pipe_reader();
  CHECK_FAILS(dup(-1), EBADF);
  CHECK_FAILS(dup(999), EBADF);
  CHECK_FAILS(dup2(999, 10), EBADF);
  CHECK_FAILS(dup2(999, 999), EBADF);
  CHECK_FAILS(dup2(fd, -1), EBADF);
  CHECK_FAILS(dup3(fd, fd, 0), EINVAL);
  CHECK_FAILS(dup3(999, 10, 0), EBADF);
  CHECK_FAILS(dup3(fd, 10, O_NONBLOCK), EINVAL);
  CHECK_FAILS(fcntl(fd, F_DUPFD, -1), EINVAL);
  CHECK_FAILS(fcntl(fd, F_DUPFD, 1 << 30), EINVAL);
  CHECK_FAILS(fcntl(999, F_DUPFD, 0), EBADF);
  CHECK(close(fd) == 0);
  passed("wrong arguments of dup");
}

void close_on_exec() {
  int fd = open_pipe_reader();
  CHECK(fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
  int copy = dup(fd);
  CHECK(fcntl(copy, F_GETFD) == 0);
  int other = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  CHECK(fcntl(other, F_GETFD) == FD_CLOEXEC);
  CHECK(dup3(fd, copy, O_CLOEXEC) == copy && fcntl(copy, F_GETFD) == FD_CLOEXEC);
  CHECK(dup2(fd, copy) == copy && fcntl(copy, F_GETFD) == 0);
  CHECK(dup2(fd, fd) == fd && fcntl(fd, F_GETFD) == FD_CLOEXEC);
  CHECK(fcntl(fd, F_SETFD, ~FD_CLOEXEC) == 0 && fcntl(fd, F_GETFD) == 0);
  for (int each : {fd, copy, other}) CHECK(close(each) == 0);
  passed("close-on-exec belongs to the descriptor");
}

void shared_description() {
  int fd = open_pipe_reader();
  int copy = dup(fd);
  CHECK(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
  CHECK((fcntl(copy, F_GETFL) & O_NONBLOCK) != 0);
  CHECK(close(fd) == 0 && close(copy) == 0);
  int file = open("/tmp", O_TMPFILE | O_RDWR, 0600);
  CHECK(file >= 0 && write(file, "abcdef", 6) == 6);
  int same = dup(file);
  CHECK(lseek(file, 2, SEEK_SET) == 2 && lseek(same, 0, SEEK_CUR) == 2);
  char byte = 0;
  CHECK(read(same, &byte, 1) == 1 && byte == 'c' && lseek(file, 0, SEEK_CUR) == 3);
  CHECK(close(file) == 0 && close(same) == 0);
  passed("position and status flags belong to the description");
}

void the_limit() {
  rlimit before{};
  CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
  int fd = open_pipe_reader();
  rlimit limit = before;
  limit.rlim_cur = 20;
  CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  while (dup(fd) >= 0) continue;
  CHECK(errno == EMFILE);
  CHECK_FAILS(open("/dev/null", O_RDONLY), EMFILE);
  int ends[2] = {-7, -7};
  CHECK_FAILS(pipe(ends), EMFILE);
  CHECK(ends[0] == -7);
  CHECK(close(19) == 0);
  CHECK_FAILS(pipe(ends), EMFILE);  // one is not enough, and it is given back
  CHECK(dup(fd) == 19);
  CHECK_FAILS(dup2(fd, 20), EBADF);
  CHECK_FAILS(fcntl(fd, F_DUPFD, 20), EINVAL);
  CHECK_FAILS(fcntl(fd, F_DUPFD, 10), EMFILE);
  CHECK(dup2(fd, 19) == 19);
  CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0 && dup(fd) == 20);
  for (int each = fd; each <= 20; ++each) CHECK(close(each) == 0);
  passed("RLIMIT_NOFILE is kept");
}

}  // namespace

int main() {
  numbers();
  errors();
  close_on_exec();
  shared_description();
  the_limit();
}
