// sigtimedwait, sigsuspend, pause: what ends them, and what they tell.
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <ctime>

#include "signals/handle.h"

namespace {

std::atomic<int> handled = 0;
void count(int, siginfo_t*, void*) {
  ++handled;
}

void alarm_in(long microseconds) {
  itimerval timer{{0, 0}, {0, microseconds}};
  CHECK(setitimer(ITIMER_REAL, &timer, nullptr) == 0);
}

void timed_waits() {
  sigset_t set = set_of({SIGUSR1});
  block({SIGUSR1});
  siginfo_t info{};
  timespec wait{0, 20'000'000};
  timespec begin{};
  timespec end{};
  CHECK(clock_gettime(CLOCK_MONOTONIC, &begin) == 0);
  CHECK(sigtimedwait(&set, &info, &wait) == -1 && errno == EAGAIN);
  CHECK(clock_gettime(CLOCK_MONOTONIC, &end) == 0);
  CHECK((end.tv_sec - begin.tv_sec) * 1'000'000'000 + end.tv_nsec - begin.tv_nsec >= 20'000'000);
  handle(SIGALRM, count);
  alarm_in(10'000);
  wait = {10, 0};
  CHECK(sigtimedwait(&set, &info, &wait) == -1 && errno == EINTR && handled == 1);
  block({SIGALRM});
  alarm_in(10'000);
  set = set_of({SIGALRM, SIGUSR1});
  CHECK(sigtimedwait(&set, &info, &wait) == SIGALRM && info.si_code == SI_KERNEL && handled == 1);
  int signal = 0;
  alarm_in(10'000);
  CHECK(sigwait(&set, &signal) == 0 && signal == SIGALRM);
  unblock({SIGALRM});
  passed("timed waits");
}

void errors() {
  sigset_t set = set_of({SIGUSR1});
  timespec wait{0, 1'000'000'000};
  CHECK(sigtimedwait(&set, nullptr, &wait) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_rt_sigtimedwait, &set, nullptr, nullptr, 4) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_rt_sigtimedwait, 64, nullptr, nullptr, 8) == -1 && errno == EFAULT);
  CHECK(syscall(SYS_rt_sigtimedwait, &set, nullptr, 64, 8) == -1 && errno == EFAULT);
  CHECK(raise(SIGUSR1) == 0);
  CHECK(syscall(SYS_rt_sigtimedwait, &set, 64, nullptr, 8) == -1 && errno == EFAULT);
  CHECK(syscall(SYS_rt_sigsuspend, &set, 4) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_rt_sigsuspend, 64, 8) == -1 && errno == EFAULT);
  CHECK(syscall(SYS_rt_sigpending, 64, 8) == -1 && errno == EFAULT);
  CHECK(syscall(SYS_rt_sigpending, &set, 16) == -1 && errno == EINVAL);
  passed("errors");
}

void suspended() {
  sigset_t none = set_of({});
  sigset_t before;
  sigset_t after;
  block({SIGALRM});
  CHECK(pthread_sigmask(SIG_SETMASK, nullptr, &before) == 0);
  handled = 0;
  alarm_in(10'000);
  CHECK(sigsuspend(&none) == -1 && errno == EINTR && handled == 1);
  CHECK(pthread_sigmask(SIG_SETMASK, nullptr, &after) == 0);
  CHECK(std::memcmp(&before, &after, 8) == 0);
  CHECK(raise(SIGALRM) == 0);
  CHECK(sigsuspend(&none) == -1 && errno == EINTR && handled == 2);  // pending already
  unblock({SIGALRM});
  handle(SIGALRM, count, SA_RESTART);
  alarm_in(10'000);
  CHECK(pause() == -1 && errno == EINTR && handled == 3);
  passed("suspended");
}

}  // namespace

int main() {
  timed_waits();
  errors();
  suspended();
}
