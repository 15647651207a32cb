// Clocks, sleeps and timers.
#include <asm/unistd_64.h>
#include <sys/time.h>

#include "trace/clock_names.h"
#include "trace/structures.h"

namespace mayfly::trace {
namespace {

constexpr Name kSleepFlags[] = {MAYFLY_NAME(TIMER_ABSTIME)};
constexpr Name kIntervalTimers[] = {
    MAYFLY_NAME(ITIMER_REAL),
    MAYFLY_NAME(ITIMER_VIRTUAL),
    MAYFLY_NAME(ITIMER_PROF),
};

constexpr Argument kIntervals{print_interval_timer};
constexpr Argument kIntervalsResult = result(print_interval_timer);
constexpr Argument kSetting{print_timer_setting};
constexpr Argument kSettingResult = result(print_timer_setting);

/// The time left is written only if a signal ended the sleep.
void print_time_left(Printer& out, unsigned index, const Argument& argument) {
  constexpr i64 kInterrupted = -4;
  if (out.result() != kInterrupted) return out.address(out.argument(index));
  print_timespec(out, index, {.format = argument.format});
}

constexpr Signature kSignatures[] = {
    {__NR_clock_gettime, {kClock, kTimespecResult}},
    {__NR_clock_settime, {kClock, kTimespec}},
    {__NR_clock_getres, {kClock, kTimespecResult}},
    {__NR_clock_nanosleep, {kClock, flags(kSleepFlags), kTimespec, result(print_time_left)}},
    {__NR_nanosleep, {kTimespec, result(print_time_left)}},
    {__NR_gettimeofday, {kTimevalResult, kAddress}},
    {__NR_settimeofday, {kTimeval, kAddress}},
    {__NR_time, {result(print_long_pointer)}},
    {__NR_alarm, {kUnsigned}},
    {__NR_getitimer, {choice(kIntervalTimers), kIntervalsResult}},
    {__NR_setitimer, {choice(kIntervalTimers), kIntervals, kIntervalsResult}},
    {__NR_timer_create, {kClock, kAddress, kIntResult}},
    {__NR_timer_settime, {kInt, flags(kSleepFlags), kSetting, kSettingResult}},
    {__NR_timer_gettime, {kInt, kSettingResult}},
    {__NR_timer_getoverrun, {kInt}},
    {__NR_timer_delete, {kInt}},
    {__NR_times, {kAddress}},
};

}  // namespace

Signatures time_signatures() {
  return kSignatures;
}

}  // namespace mayfly::trace
