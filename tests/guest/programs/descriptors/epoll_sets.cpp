// epoll: what can be watched and how, nesting, errors.
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <initializer_list>

#include "check.h"

namespace {

int control(int epoll, int operation, int fd, uint32_t events, uint64_t data = 0) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = data;
  return epoll_ctl(epoll, operation, fd, &event);
}

int wait_now(int epoll, epoll_event (&events)[8]) {
  return epoll_wait(epoll, events, 8, 0);
}

void errors() {
  CHECK_FAILS(epoll_create(0), EINVAL);
  CHECK_FAILS(epoll_create1(1), EINVAL);
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  int fd = eventfd(0, 0);
  CHECK(fcntl(epoll, F_GETFD) == FD_CLOEXEC);
  CHECK_FAILS(control(999, EPOLL_CTL_ADD, fd, EPOLLIN), EBADF);
  CHECK_FAILS(control(epoll, EPOLL_CTL_ADD, 999, EPOLLIN), EBADF);
  CHECK_FAILS(control(fd, EPOLL_CTL_ADD, fd, EPOLLIN), EINVAL);
  CHECK_FAILS(control(epoll, EPOLL_CTL_ADD, epoll, EPOLLIN), EINVAL);
  CHECK_FAILS(control(epoll, EPOLL_CTL_MOD, fd, EPOLLIN), ENOENT);
  CHECK_FAILS(control(epoll, EPOLL_CTL_DEL, fd, 0), ENOENT);
  CHECK_FAILS(control(epoll, 9, fd, EPOLLIN), EINVAL);
  CHECK_FAILS(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, bad_address<epoll_event>()), EFAULT);
  CHECK_FAILS(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, nullptr), EFAULT);
  CHECK(control(epoll, EPOLL_CTL_ADD, fd, EPOLLIN) == 0);
  CHECK_FAILS(control(epoll, EPOLL_CTL_ADD, fd, EPOLLIN), EEXIST);
  epoll_event events[8];
  CHECK_FAILS(epoll_wait(epoll, events, 0, 0), EINVAL);
  CHECK_FAILS(syscall(SYS_epoll_wait, epoll, events, -1, 0), EINVAL);
  CHECK_FAILS(epoll_wait(999, events, 8, 0), EBADF);
  CHECK_FAILS(epoll_wait(fd, events, 8, 0), EINVAL);
  uint64_t one = 1;
  CHECK(write(fd, &one, 8) == 8);
  CHECK_FAILS(epoll_wait(epoll, bad_address<epoll_event>(), 8, 0), EFAULT);
  CHECK(wait_now(epoll, events) == 1);  // not lost
  CHECK(epoll_ctl(epoll, EPOLL_CTL_DEL, fd, bad_address<epoll_event>()) == 0);
  timespec wrong{0, 1'000'000'000};
  CHECK_FAILS(syscall(SYS_epoll_pwait2, epoll, events, 8, &wrong, nullptr, 8), EINVAL);
  CHECK_FAILS(syscall(SYS_epoll_pwait2, epoll, events, 8, bad_address(), nullptr, 8), EFAULT);
  timespec soon{0, 1'000'000};
  CHECK(syscall(SYS_epoll_pwait2, epoll, events, 8, &soon, nullptr, 8) == 0);
  sigset_t none{};
  CHECK_FAILS(syscall(SYS_epoll_pwait, epoll, events, 8, 0, &none, 4), EINVAL);
  CHECK(close(fd) == 0 && close(epoll) == 0);
  passed("what epoll refuses");
}

void what_cannot_be_watched() {
  int epoll = epoll_create1(0);
  int file = open("/tmp", O_TMPFILE | O_RDWR, 0600);
  CHECK_FAILS(control(epoll, EPOLL_CTL_ADD, file, EPOLLIN), EPERM);
  CHECK(close(file) == 0);
  for (const char* path : {"/tmp", "/dev/null", "/dev/zero", "/dev/urandom"}) {
    int fd = open(path, O_RDONLY);
    CHECK(fd >= 0);
    CHECK_FAILS(control(epoll, EPOLL_CTL_ADD, fd, EPOLLIN), EPERM);
    CHECK_FAILS(control(epoll, EPOLL_CTL_DEL, fd, 0), EPERM);
    CHECK(close(fd) == 0);
  }
  int random = open("/dev/random", O_RDONLY);
  epoll_event events[8];
  CHECK(control(epoll, EPOLL_CTL_ADD, random, EPOLLIN) == 0 && wait_now(epoll, events) == 1);
  CHECK(close(random) == 0 && close(epoll) == 0);
  passed("files without readiness");
}

void descriptions() {
  int epoll = epoll_create1(0);
  int ends[2];
  CHECK(pipe(ends) == 0 && write(ends[1], "x", 1) == 1);
  int copy = dup(ends[0]);
  CHECK(control(epoll, EPOLL_CTL_ADD, ends[0], EPOLLIN, 1) == 0);
  CHECK(control(epoll, EPOLL_CTL_ADD, copy, EPOLLIN, 2) == 0);
  epoll_event events[8];
  CHECK(wait_now(epoll, events) == 2);
  CHECK(close(ends[0]) == 0 && wait_now(epoll, events) == 2);  // the description is still open
  CHECK_FAILS(control(epoll, EPOLL_CTL_DEL, ends[0], 0), EBADF);
  CHECK(close(copy) == 0 && wait_now(epoll, events) == 0);
  CHECK(close(ends[1]) == 0 && close(epoll) == 0);
  passed("descriptions are watched, under numbers");
}

void masks() {
  int epoll = epoll_create1(0);
  int ends[2];
  CHECK(pipe(ends) == 0);
  CHECK(control(epoll, EPOLL_CTL_ADD, ends[1], EPOLLOUT, 1) == 0);
  CHECK(control(epoll, EPOLL_CTL_ADD, ends[0], 0, 2) == 0);
  epoll_event events[8];
  CHECK(wait_now(epoll, events) == 1 && events[0].data.u64 == 1 && events[0].events == EPOLLOUT);
  CHECK(write(ends[1], "x", 1) == 1 && wait_now(epoll, events) == 1);
  CHECK(close(ends[1]) == 0);
  CHECK(wait_now(epoll, events) == 1 && events[0].data.u64 == 2 && events[0].events == EPOLLHUP);
  CHECK(control(epoll, EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLRDNORM, 3) == 0);
  CHECK(wait_now(epoll, events) == 1 && events[0].events == (EPOLLIN | EPOLLRDNORM | EPOLLHUP));
  CHECK(control(epoll, EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLONESHOT, 3) == 0);
  CHECK(wait_now(epoll, events) == 1 && wait_now(epoll, events) == 0);  // not even the hang-up
  CHECK(close(ends[0]) == 0 && close(epoll) == 0);
  passed("errors and hang-ups are always told");
}

void exclusive() {
  int epoll = epoll_create1(0);
  int inner = epoll_create1(0);
  int fd = eventfd(0, 0);
  CHECK_FAILS(control(epoll, EPOLL_CTL_ADD, inner, EPOLLIN | EPOLLEXCLUSIVE), EINVAL);
  CHECK_FAILS(control(epoll, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT), EINVAL);
  CHECK(control(epoll, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLEXCLUSIVE, 5) == 0);
  CHECK_FAILS(control(epoll, EPOLL_CTL_MOD, fd, EPOLLIN), EINVAL);
  CHECK_FAILS(control(epoll, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLEXCLUSIVE), EINVAL);
  uint64_t one = 1;
  epoll_event events[8];
  CHECK(write(fd, &one, 8) == 8 && wait_now(epoll, events) == 1 && events[0].data.u64 == 5);
  CHECK(control(epoll, EPOLL_CTL_DEL, fd, 0) == 0);
  for (int each : {epoll, inner, fd}) CHECK(close(each) == 0);
  passed("exclusive interests");
}

void nested() {
  int outer = epoll_create1(0);
  int inner = epoll_create1(0);
  int fd = eventfd(0, EFD_NONBLOCK);
  CHECK(control(outer, EPOLL_CTL_ADD, inner, EPOLLIN, 1) == 0 && control(inner, EPOLL_CTL_ADD, fd, EPOLLIN, 2) == 0);
  epoll_event events[8];
  CHECK(wait_now(outer, events) == 0);
  uint64_t one = 1;
  CHECK(write(fd, &one, 8) == 8);
  CHECK(wait_now(outer, events) == 1 && events[0].data.u64 == 1 && wait_now(inner, events) == 1);
  CHECK(read(fd, &one, 8) == 8 && wait_now(outer, events) == 0);
  CHECK_FAILS(control(inner, EPOLL_CTL_ADD, outer, EPOLLIN), ELOOP);
  int chain[8];
  int depth = 1;
  chain[0] = inner;
  for (; depth < 8; ++depth) {
    chain[depth] = epoll_create1(0);
    if (control(chain[depth], EPOLL_CTL_ADD, chain[depth - 1], EPOLLIN) != 0) break;
  }
  CHECK(errno == ELOOP || errno == EINVAL);
  std::printf("%s after %d levels\n", errno == ELOOP ? "ELOOP" : "EINVAL", depth);
  for (int each : {outer, inner, fd}) CHECK(close(each) == 0);
  passed("nested");
}

void edges() {
  int epoll = epoll_create1(0);
  int ends[2];
  CHECK(pipe2(ends, O_NONBLOCK) == 0);
  CHECK(control(epoll, EPOLL_CTL_ADD, ends[0], EPOLLIN | EPOLLET) == 0);
  epoll_event events[8];
  CHECK(write(ends[1], "ab", 2) == 2 && wait_now(epoll, events) == 1);
  char byte = 0;
  CHECK(read(ends[0], &byte, 1) == 1 && wait_now(epoll, events) == 0);
  CHECK(write(ends[1], "c", 1) == 1 && wait_now(epoll, events) == 1);  // each write is an edge
  CHECK(control(epoll, EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLET) == 0 && wait_now(epoll, events) == 1);
  for (int each : {epoll, ends[0], ends[1]}) CHECK(close(each) == 0);
  passed("edges");
}

}  // namespace

int main() {
  errors();
  what_cannot_be_watched();
  descriptions();
  masks();
  exclusive();
  nested();
  edges();
}
