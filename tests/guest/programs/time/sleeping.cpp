// nanosleep and clock_nanosleep: never too short, what is left after a signal, errors.
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>
#include <csignal>
#include <ctime>

#include <initializer_list>

#include "check.h"

namespace {

constexpr long kSecond = 1'000'000'000;
constexpr long kMillisecond = 1'000'000;

long read_clock(clockid_t clock) {
  timespec time{};
  CHECK(clock_gettime(clock, &time) == 0);
  return time.tv_sec * kSecond + time.tv_nsec;
}

timespec to_timespec(long nanoseconds) {
  return {nanoseconds / kSecond, nanoseconds % kSecond};
}

void never_too_short() {
  for (long length : {1L, 1'000L, 100'000L, 3 * kMillisecond, 25 * kMillisecond}) {
    for (clockid_t clock : {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_TAI}) {
      long begin = read_clock(clock);
      timespec relative = to_timespec(length);
      CHECK(clock_nanosleep(clock, 0, &relative, nullptr) == 0);
      CHECK(read_clock(clock) - begin >= length);
      begin = read_clock(clock);
      timespec absolute = to_timespec(begin + length);
      CHECK(clock_nanosleep(clock, TIMER_ABSTIME, &absolute, nullptr) == 0);
      CHECK(read_clock(clock) >= begin + length);
    }
    long begin = read_clock(CLOCK_MONOTONIC);
    timespec relative = to_timespec(length);
    CHECK(nanosleep(&relative, nullptr) == 0 && read_clock(CLOCK_MONOTONIC) - begin >= length);
  }
  timespec none{};
  CHECK(nanosleep(&none, nullptr) == 0);
  passed("never too short");
}

void what_is_left() {
  struct sigaction action {};
  action.sa_handler = [](int) {};
  action.sa_flags = SA_RESTART;
  CHECK(sigaction(SIGALRM, &action, nullptr) == 0);
  itimerval soon{{0, 0}, {0, 20'000}};
  timespec length{100, 0};
  timespec left{7, 7};
  CHECK(setitimer(ITIMER_REAL, &soon, nullptr) == 0);
  CHECK(nanosleep(&length, &left) == -1 && errno == EINTR && left.tv_sec == 99 && left.tv_nsec > 0);
  CHECK(setitimer(ITIMER_REAL, &soon, nullptr) == 0);
  CHECK(clock_nanosleep(CLOCK_MONOTONIC, 0, &length, &left) == EINTR && left.tv_sec == 99);
  CHECK(setitimer(ITIMER_REAL, &soon, nullptr) == 0);
  CHECK(nanosleep(&length, &length) == -1 && errno == EINTR && length.tv_sec == 99);  // in place
  left = {7, 7};
  timespec far = to_timespec(read_clock(CLOCK_MONOTONIC) + 100 * kSecond);
  CHECK(setitimer(ITIMER_REAL, &soon, nullptr) == 0);
  CHECK(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &far, &left) == EINTR && left.tv_sec == 7);  // untouched
  passed("what is left");
}

void errors() {
  timespec time{0, kSecond};
  CHECK(nanosleep(&time, nullptr) == -1 && errno == EINVAL);
  time = {0, -1};
  CHECK(nanosleep(&time, nullptr) == -1 && errno == EINVAL);
  time = {-1, 0};
  CHECK(nanosleep(&time, nullptr) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_nanosleep, 64, nullptr) == -1 && errno == EFAULT);
  time = {0, 1};
  CHECK(syscall(SYS_clock_nanosleep, 77, 0, &time, nullptr) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC_RAW, 0, &time, nullptr) == -1 && errno == EOPNOTSUPP);
  CHECK(syscall(SYS_clock_nanosleep, CLOCK_REALTIME_COARSE, 0, &time, nullptr) == -1 && errno == EOPNOTSUPP);
  CHECK(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, 64, nullptr) == -1 && errno == EFAULT);
  time = {-1, 0};
  CHECK(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr) == -1 && errno == EINVAL);
  passed("errors");
}

}  // namespace

int main() {
  never_too_short();
  what_is_left();
  errors();
}
