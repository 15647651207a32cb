// poll, ppoll, select, pselect: results, signal masks, errors.
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <csignal>

#include <initializer_list>
#include <vector>

#include "check.h"

namespace {

void polls() {
  int ends[2];
  CHECK(pipe(ends) == 0 && write(ends[1], "x", 1) == 1);
  int file = open("/tmp", O_TMPFILE | O_RDWR, 0600);
  int null = open("/dev/null", O_RDWR);
  constexpr short kAll = POLLIN | POLLOUT | POLLPRI | POLLRDNORM | POLLWRNORM;
  pollfd fds[] = {{ends[0], POLLIN, 99}, {-1, POLLIN, 99},      {999, POLLIN, 99},
                  {file, kAll, 99},      {ends[1], POLLIN, 99}, {null, kAll, 99}};
  CHECK(poll(fds, 6, -1) == 4);
  CHECK(fds[0].revents == POLLIN && fds[1].revents == 0 && fds[2].revents == POLLNVAL);
  CHECK(fds[3].revents == (POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM) && fds[4].revents == 0);
  CHECK(fds[5].revents == fds[3].revents);
  pollfd same[] = {{ends[0], POLLRDNORM, 0}, {ends[0], 0, 0}, {ends[0], POLLIN | POLLRDNORM, 0}};
  CHECK(poll(same, 3, 0) == 2 && same[0].revents == POLLRDNORM && same[1].revents == 0);
  CHECK(same[2].revents == (POLLIN | POLLRDNORM));
  CHECK(poll(nullptr, 0, 1) == 0);
  CHECK_FAILS(poll(bad_address<pollfd>(), 1, 0), EFAULT);
  for (int each : {ends[0], ends[1], file, null}) CHECK(close(each) == 0);
  passed("poll");
}

void many() {
  rlimit before{};
  CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit limit = before;
  limit.rlim_cur = 64;
  CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  std::vector<pollfd> fds(65, pollfd{-1, POLLIN, 0});
  CHECK_FAILS(poll(fds.data(), 65, 0), EINVAL);
  CHECK(poll(fds.data(), 64, 0) == 0);
  CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
  int ends[2];
  CHECK(pipe(ends) == 0);
  std::vector<pollfd> writers(500, pollfd{ends[1], POLLOUT, 0});
  CHECK(poll(writers.data(), 500, 0) == 500);
  CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
  passed("many");
}

void selects() {
  int ends[2];
  CHECK(pipe(ends) == 0);
  fd_set readable;
  fd_set writable;
  fd_set special;
  FD_ZERO(&readable);
  FD_ZERO(&writable);
  FD_ZERO(&special);
  FD_SET(ends[0], &readable);
  FD_SET(ends[1], &writable);
  FD_SET(ends[0], &special);
  timeval none{};
  int count = ends[1] + 1;
  CHECK(select(count, &readable, &writable, &special, &none) == 1);
  CHECK(!FD_ISSET(ends[0], &readable) && FD_ISSET(ends[1], &writable) && !FD_ISSET(ends[0], &special));
  FD_SET(ends[0], &readable);
  CHECK(write(ends[1], "x", 1) == 1 && select(count, &readable, &writable, nullptr, nullptr) == 2);
  CHECK(close(ends[1]) == 0);
  FD_ZERO(&readable);
  FD_SET(ends[1], &readable);
  CHECK_FAILS(select(count, &readable, nullptr, nullptr, &none), EBADF);
  CHECK(FD_ISSET(ends[1], &readable));
  CHECK_FAILS(select(-1, nullptr, nullptr, nullptr, &none), EINVAL);
  timeval negative{-1, 0};
  CHECK_FAILS(select(0, nullptr, nullptr, nullptr, &negative), EINVAL);
  timespec wrong{0, 1'000'000'000};
  CHECK_FAILS(pselect(0, nullptr, nullptr, nullptr, &wrong, nullptr), EINVAL);
  CHECK_FAILS(select(count, bad_address<fd_set>(), nullptr, nullptr, &none), EFAULT);
  FD_ZERO(&readable);
  FD_SET(ends[0], &readable);
  char byte = 0;
  CHECK(read(ends[0], &byte, 1) == 1);
  CHECK(select(count, &readable, nullptr, nullptr, nullptr) == 1);  // the end of the file
  timeval soon{0, 3000};
  CHECK(select(0, nullptr, nullptr, nullptr, &soon) == 0 && soon.tv_sec == 0 && soon.tv_usec == 0);
  CHECK(close(ends[0]) == 0);
  passed("select");
}

volatile sig_atomic_t caught = 0;

void masks() {
  struct sigaction action {};
  action.sa_handler = [](int) { caught = caught + 1; };
  CHECK(sigaction(SIGUSR1, &action, nullptr) == 0);
  sigset_t blocked;
  sigset_t none;
  sigemptyset(&none);
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  CHECK(sigprocmask(SIG_BLOCK, &blocked, nullptr) == 0 && raise(SIGUSR1) == 0 && caught == 0);
  CHECK_FAILS(ppoll(nullptr, 0, nullptr, &none), EINTR);
  CHECK(caught == 1 && raise(SIGUSR1) == 0);
  CHECK_FAILS(pselect(0, nullptr, nullptr, nullptr, nullptr, &none), EINTR);
  CHECK(caught == 2 && raise(SIGUSR1) == 0);
  int epoll = epoll_create1(0);
  epoll_event event{};
  CHECK_FAILS(epoll_pwait(epoll, &event, 1, -1, &none), EINTR);
  CHECK(caught == 3 && raise(SIGUSR1) == 0);
  timespec soon{0, 1'000'000};
  CHECK(ppoll(nullptr, 0, &soon, nullptr) == 0 && caught == 3);
  CHECK(ppoll(nullptr, 0, &soon, &blocked) == 0 && caught == 3);
  sigset_t now;
  CHECK(sigprocmask(SIG_SETMASK, nullptr, &now) == 0 && sigismember(&now, SIGUSR1) == 1);
  int ends[2];
  CHECK(pipe(ends) == 0);
  pollfd ready{ends[1], POLLOUT, 0};
  CHECK(ppoll(&ready, 1, nullptr, &none) == 1 && caught == 3);  // an event comes first
  sigpending(&now);
  CHECK(sigismember(&now, SIGUSR1) == 1);
  CHECK_FAILS(syscall(SYS_ppoll, &ready, 1, nullptr, &none, 4), EINVAL);
  CHECK_FAILS(syscall(SYS_ppoll, &ready, 1, nullptr, bad_address(), 8), EFAULT);
  CHECK_FAILS(syscall(SYS_ppoll, &ready, 1, bad_address(), nullptr, 8), EFAULT);
  for (int each : {ends[0], ends[1], epoll}) CHECK(close(each) == 0);
  passed("signal masks");
}

}  // namespace

int main() {
  polls();
  many();
  selects();
  masks();
}
