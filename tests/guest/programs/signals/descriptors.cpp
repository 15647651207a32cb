// signalfd: what it reads, whom it asks for, what is refused.
#include <poll.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>

#include "signals/handle.h"

namespace {

void contents() {
  sigset_t set = set_of({SIGUSR1, SIGUSR2, SIGRTMIN + 1});
  CHECK(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
  int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  CHECK(fd >= 0);
  signalfd_siginfo infos[4] = {};
  CHECK(read(fd, infos, sizeof infos) == -1 && errno == EAGAIN);
  CHECK(read(fd, infos, 64) == -1 && errno == EINVAL);
  CHECK(write(fd, infos, sizeof infos[0]) == -1 && errno == EINVAL);
  CHECK(kill(getpid(), SIGUSR2) == 0 && sigqueue(getpid(), SIGRTMIN + 1, {.sival_int = 77}) == 0);
  pollfd wanted{fd, POLLIN, 0};
  CHECK(poll(&wanted, 1, 0) == 1 && wanted.revents == POLLIN);
  CHECK(read(fd, infos, sizeof infos) == 2 * sizeof infos[0]);
  CHECK(infos[0].ssi_signo == static_cast<unsigned>(SIGUSR2) && infos[0].ssi_code == SI_USER);
  CHECK(infos[0].ssi_pid == static_cast<unsigned>(getpid()) && infos[0].ssi_uid == getuid());
  CHECK(infos[1].ssi_signo == static_cast<unsigned>(SIGRTMIN + 1) && infos[1].ssi_code == SI_QUEUE);
  CHECK(infos[1].ssi_int == 77);
  CHECK(poll(&wanted, 1, 0) == 0);
  passed("contents");
  set = set_of({SIGUSR1});
  CHECK(signalfd(fd, &set, 0) == fd);
  CHECK(raise(SIGUSR2) == 0 && poll(&wanted, 1, 0) == 0);
  CHECK(raise(SIGUSR1) == 0 && poll(&wanted, 1, 0) == 1);
  CHECK(read(fd, infos, sizeof infos) == sizeof infos[0] && infos[0].ssi_code == SI_TKILL);
  close(fd);
  passed("another set");
}

void waiting() {
  sigset_t set = set_of({SIGUSR1});
  int fd = signalfd(-1, &set, 0);
  int epoll = epoll_create1(0);
  epoll_event event{};
  event.events = EPOLLIN;
  CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
  std::thread other([] {
    usleep(10'000);
    CHECK(kill(getpid(), SIGUSR1) == 0);
  });
  CHECK(epoll_wait(epoll, &event, 1, 10'000) == 1);
  other.join();
  signalfd_siginfo info{};
  CHECK(read(fd, &info, sizeof info) == sizeof info && info.ssi_signo == static_cast<unsigned>(SIGUSR1));
  std::thread another([] {
    usleep(10'000);
    CHECK(kill(getpid(), SIGUSR1) == 0);
  });
  CHECK(read(fd, &info, sizeof info) == sizeof info);
  another.join();
  close(fd);
  close(epoll);
  passed("waiting");
}

void errors() {
  unsigned long set = 1;
  CHECK(syscall(SYS_signalfd4, -1, &set, 4, 0) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_signalfd4, -1, &set, 8, 1) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_signalfd4, -1, 64, 8, 0) == -1 && errno == EFAULT);
  CHECK(syscall(SYS_signalfd4, 999, &set, 8, 0) == -1 && errno == EBADF);
  CHECK(syscall(SYS_signalfd4, 0, &set, 8, 0) == -1 && errno == EINVAL);
  passed("errors");
}

}  // namespace

int main() {
  contents();
  waiting();
  errors();
}
