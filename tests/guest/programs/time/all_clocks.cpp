// Every clock, by the vDSO and by the call: relations, resolutions, errors.
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <ctime>

#include "check.h"

namespace {

constexpr long kSecond = 1'000'000'000;

long nanoseconds(const timespec& time) {
  return time.tv_sec * kSecond + time.tv_nsec;
}

long by_library(clockid_t clock) {
  timespec time{};
  CHECK(clock_gettime(clock, &time) == 0 && time.tv_nsec >= 0 && time.tv_nsec < kSecond);
  return nanoseconds(time);
}

long by_call(clockid_t clock) {
  timespec time{};
  CHECK(syscall(SYS_clock_gettime, clock, &time) == 0);
  return nanoseconds(time);
}

constexpr clockid_t kClocks[] = {CLOCK_REALTIME,          CLOCK_MONOTONIC,     CLOCK_PROCESS_CPUTIME_ID,
                                 CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE,
                                 CLOCK_MONOTONIC_COARSE,  CLOCK_BOOTTIME,      CLOCK_TAI};
constexpr long kTick = 20'000'000;  // coarse clocks may lag by as much

void both_ways_agree() {
  for (clockid_t clock : kClocks) {
    for (int i = 0; i < 100; ++i) {
      long first = by_library(clock);
      long second = by_call(clock);
      long third = by_library(clock);
      CHECK(first <= second + kTick && second <= third + kTick && first <= third);
    }
    timespec resolution{};
    CHECK(clock_getres(clock, &resolution) == 0 && resolution.tv_sec == 0);
    CHECK(resolution.tv_nsec >= 1 && resolution.tv_nsec <= 10'000'000);
    CHECK(clock_getres(clock, nullptr) == 0);
    CHECK(syscall(SYS_clock_getres, clock, &resolution) == 0 && resolution.tv_nsec >= 1);
  }
  passed("both ways agree");
}

void relations() {
  CHECK(by_library(CLOCK_REALTIME) > 1'700'000'000 * kSecond);
  CHECK(by_library(CLOCK_BOOTTIME) + kTick >= by_library(CLOCK_MONOTONIC));
  CHECK(by_library(CLOCK_TAI) + kTick >= by_library(CLOCK_REALTIME));
  long coarse = by_library(CLOCK_MONOTONIC_COARSE);
  CHECK(coarse <= by_library(CLOCK_MONOTONIC));
  timeval day{};
  struct timezone zone {};
  long before = by_library(CLOCK_REALTIME);
  CHECK(gettimeofday(&day, &zone) == 0 && zone.tz_minuteswest == 0);
  CHECK((day.tv_sec * 1'000'000 + day.tv_usec) * 1'000 >= before - 1'000 && day.tv_usec < 1'000'000);
  time_t seconds = 0;
  CHECK(time(&seconds) == seconds && seconds >= before / kSecond - 1);
  CHECK(syscall(SYS_time, nullptr) >= seconds && syscall(SYS_gettimeofday, nullptr, nullptr) == 0);
  passed("relations");
}

void errors() {
  timespec time{};
  CHECK(clock_gettime(77, &time) == -1 && errno == EINVAL);
  CHECK(clock_getres(77, &time) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, 64) == -1 && errno == EFAULT);
  CHECK(syscall(SYS_clock_getres, CLOCK_MONOTONIC, 64) == -1 && errno == EFAULT);
  CHECK(syscall(SYS_gettimeofday, 64, nullptr) == -1 && errno == EFAULT);
  CHECK(syscall(SYS_time, 64) == -1 && errno == EFAULT);
  CHECK(clock_settime(CLOCK_MONOTONIC, &time) == -1 && errno == EINVAL);
  CHECK(clock_settime(CLOCK_PROCESS_CPUTIME_ID, &time) == -1 && errno != 0);
  CHECK(syscall(SYS_clock_settime, CLOCK_REALTIME, 64) == -1 && errno == EFAULT);
  time.tv_nsec = kSecond;
  CHECK(clock_settime(CLOCK_REALTIME, &time) == -1 && errno == EINVAL);
  passed("errors");
}

}  // namespace

int main() {
  both_ways_agree();
  relations();
  errors();
}
