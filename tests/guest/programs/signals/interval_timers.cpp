// alarm and setitimer: real, virtual and profiling time, what getitimer tells, errors.
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <ctime>

#include "signals/handle.h"

namespace {

std::atomic<int> counts[65] = {};
void count(int signal, siginfo_t* info, void*) {
  CHECK(info->si_code == SI_KERNEL);
  ++counts[signal];
}

void processor_time(int which, int signal) {
  handle(signal, count, SA_RESTART);
  itimerval timer{{0, 10'000}, {0, 10'000}};
  timespec before{};
  CHECK(clock_gettime(CLOCK_MONOTONIC, &before) == 0);
  CHECK(setitimer(which, &timer, nullptr) == 0);
  while (counts[signal] < 3) {
  }
  timespec after{};
  CHECK(clock_gettime(CLOCK_MONOTONIC, &after) == 0);
  // Linux samples processor time at its ticks: only real time is sure to have passed.
  CHECK((after.tv_sec - before.tv_sec) * 1'000 + (after.tv_nsec - before.tv_nsec) / 1'000'000 >= 25);
  timer = {};
  itimerval old{};
  CHECK(setitimer(which, &timer, &old) == 0 && old.it_interval.tv_usec >= 10'000);
  CHECK(getitimer(which, &old) == 0 && old.it_value.tv_usec == 0 && old.it_value.tv_sec == 0);
}

/// A program that sleeps uses none.
void sleeping_uses_none() {
  counts[SIGPROF] = 0;
  itimerval timer{{0, 0}, {0, 400'000}};
  CHECK(setitimer(ITIMER_PROF, &timer, nullptr) == 0);
  usleep(600'000);
  CHECK(counts[SIGPROF] == 0);
  timer = {};
  CHECK(setitimer(ITIMER_PROF, &timer, nullptr) == 0);
}

void alarms() {
  handle(SIGALRM, count);
  CHECK(alarm(100) == 0);
  itimerval timer{};
  CHECK(getitimer(ITIMER_REAL, &timer) == 0 && timer.it_value.tv_sec == 99 && timer.it_interval.tv_sec == 0);
  CHECK(alarm(0) == 100);
  timer = {{0, 2'000}, {0, 1'000}};
  CHECK(setitimer(ITIMER_REAL, &timer, nullptr) == 0);
  while (counts[SIGALRM] < 4) {
  }
  CHECK(alarm(0) == 1);
  passed("alarms");
}

void errors() {
  itimerval timer{};
  CHECK(syscall(SYS_getitimer, 3, &timer) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_setitimer, 3, &timer, nullptr) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_getitimer, ITIMER_REAL, 64) == -1 && errno == EFAULT);
  CHECK(syscall(SYS_setitimer, ITIMER_REAL, 64, nullptr) == -1 && errno == EFAULT);
  CHECK(syscall(SYS_setitimer, ITIMER_REAL, &timer, 64) == -1 && errno == EFAULT);
  timer.it_value.tv_usec = 1'000'000;
  CHECK(syscall(SYS_setitimer, ITIMER_REAL, &timer, nullptr) == -1 && errno == EINVAL);
  timer.it_value = {-1, 0};
  CHECK(syscall(SYS_setitimer, ITIMER_REAL, &timer, nullptr) == -1 && errno == EINVAL);
  passed("errors");
}

}  // namespace

int main() {
  processor_time(ITIMER_VIRTUAL, SIGVTALRM);
  passed("virtual");
  processor_time(ITIMER_PROF, SIGPROF);
  passed("profiling");
  sleeping_uses_none();
  passed("sleeping uses none");
  alarms();
  errors();
}
