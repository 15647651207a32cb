// Clocks never go backwards, agree with each other, and sleeping takes as long as asked.
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <unistd.h>
#include <csignal>

#include <atomic>
#include <ctime>
#include <thread>

#include "check.h"

namespace {

constexpr long kSecond = 1'000'000'000;

long read(int clock) {
  timespec now{};
  CHECK(clock_gettime(clock, &now) == 0);
  CHECK(now.tv_nsec >= 0 && now.tv_nsec < kSecond);
  return now.tv_sec * kSecond + now.tv_nsec;
}

void never_backwards() {
  for (int clock : {CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME, CLOCK_MONOTONIC_RAW, CLOCK_MONOTONIC_COARSE,
                    CLOCK_REALTIME_COARSE, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID}) {
    long previous = read(clock);
    for (int i = 0; i < 5000; ++i) {
      long now = read(clock);
      CHECK(now >= previous);
      previous = now;
    }
    timespec resolution{};
    CHECK(clock_getres(clock, &resolution) == 0 && resolution.tv_sec == 0 && resolution.tv_nsec > 0);
  }
  passed("never backwards");
}

void never_backwards_between_threads() {
  std::atomic<long> latest = 0;
  auto run = [&] {
    for (int i = 0; i < 20'000; ++i) {
      long before = latest.load();
      long now = read(CLOCK_MONOTONIC);
      CHECK(now >= before);
      while (before < now && !latest.compare_exchange_weak(before, now)) {
      }
    }
  };
  std::thread other(run);
  run();
  other.join();
  passed("never backwards between threads");
}

void the_kernel_agrees() {
  for (int clock : {CLOCK_MONOTONIC, CLOCK_REALTIME}) {
    long before = read(clock);
    timespec middle{};
    CHECK(syscall(SYS_clock_gettime, clock, &middle) == 0);
    long after = read(clock);
    long value = middle.tv_sec * kSecond + middle.tv_nsec;
    CHECK(before <= value && value <= after);
  }
  timeval day{};
  CHECK(gettimeofday(&day, nullptr) == 0);
  long difference = read(CLOCK_REALTIME) / kSecond - day.tv_sec;
  CHECK(difference >= 0 && difference <= 2);
  CHECK(time(nullptr) - day.tv_sec <= 2);
  CHECK(day.tv_sec > 1'700'000'000);
  passed("vdso and kernel agree");
}

void sleeping() {
  long begin = read(CLOCK_MONOTONIC);
  timespec pause{0, 15'000'000};
  CHECK(nanosleep(&pause, nullptr) == 0);
  CHECK(read(CLOCK_MONOTONIC) - begin >= 15'000'000);
  for (int clock : {CLOCK_MONOTONIC, CLOCK_REALTIME}) {
    long until = read(clock) + 15'000'000;
    timespec deadline{until / kSecond, until % kSecond};
    CHECK(clock_nanosleep(clock, TIMER_ABSTIME, &deadline, nullptr) == 0);
    CHECK(read(clock) >= until);
    CHECK(clock_nanosleep(clock, TIMER_ABSTIME, &deadline, nullptr) == 0);
  }
  pause.tv_nsec = kSecond;
  CHECK(nanosleep(&pause, nullptr) == -1 && errno == EINVAL);
  CHECK(clock_nanosleep(99, 0, &pause, nullptr) == EINVAL);
  passed("sleeping");
}

void processor_time() {
  long before = read(CLOCK_PROCESS_CPUTIME_ID);
  timespec pause{0, 50'000'000};
  CHECK(nanosleep(&pause, nullptr) == 0);
  CHECK(read(CLOCK_PROCESS_CPUTIME_ID) - before < 40'000'000);
  long begin = read(CLOCK_MONOTONIC);
  before = read(CLOCK_PROCESS_CPUTIME_ID);
  while (read(CLOCK_PROCESS_CPUTIME_ID) - before < 5'000'000) {
    CHECK(read(CLOCK_MONOTONIC) - begin < 20 * kSecond);
  }
  rusage usage{};
  CHECK(getrusage(RUSAGE_SELF, &usage) == 0);
  CHECK(usage.ru_utime.tv_usec >= 0 && usage.ru_utime.tv_usec < 1'000'000);
  tms ticks{};
  CHECK(times(&ticks) != -1);
  passed("processor time");
}

volatile sig_atomic_t expirations = 0;

void posix_timers() {
  struct sigaction action {};
  action.sa_sigaction = [](int, siginfo_t* info, void*) {
    CHECK(info->si_code == SI_TIMER && info->si_value.sival_int == 99);
    expirations = expirations + 1;
  };
  action.sa_flags = SA_SIGINFO;
  CHECK(sigaction(SIGRTMIN, &action, nullptr) == 0);
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGRTMIN;
  event.sigev_value.sival_int = 99;
  timer_t timer{};
  CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
  itimerspec setting{{0, 3'000'000}, {0, 3'000'000}};
  CHECK(timer_settime(timer, 0, &setting, nullptr) == 0);
  while (expirations < 4) pause();
  itimerspec now{};
  CHECK(timer_gettime(timer, &now) == 0 && now.it_interval.tv_nsec == 3'000'000);
  CHECK(timer_delete(timer) == 0);
  passed("posix timers");
}

}  // namespace

int main() {
  never_backwards();
  never_backwards_between_threads();
  the_kernel_agrees();
  sleeping();
  processor_time();
  posix_timers();
}
