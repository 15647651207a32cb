// Reading clocks and sleeping. Programs read most clocks through the vDSO and do not come here.
#include <linux/time.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/clock_id.h"
#include "guest/kernel/process/cpu_time.h"
#include "guest/kernel/process/syscall.h"
#include "guest/kernel/process/timespec.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kNanosecondsPerMicrosecond = 1'000;

/// Sleeps until `deadline_ns`. @param remainder where a relative sleep tells what is left when a signal ends it, or 0
long sleep(Thread& thread, u64 deadline_ns, UserAddress remainder) {
  while (monotonic_ns() < deadline_ns) {
    if (thread.sleep_until(deadline_ns) != kRestart) continue;
    u64 now = monotonic_ns();
    u64 left = deadline_ns > now ? deadline_ns - now : 0;
    if (remainder != 0 && !write_timespec(remainder, left)) return -EFAULT;
    return -EINTR;
  }
  return 0;
}

}  // namespace

MAYFLY_SYSCALL(clock_gettime) {
  u64 now = 0;
  if (!read_clock(thread, static_cast<int>(args[0]), now)) return -EINVAL;
  return write_timespec(args[1], now) ? 0 : -EFAULT;
}

MAYFLY_SYSCALL(clock_getres) {
  u64 now = 0;
  if (!read_clock(thread, static_cast<int>(args[0]), now)) return -EINVAL;
  return args[1] == 0 || write_timespec(args[1], 1) ? 0 : -EFAULT;
}

MAYFLY_SYSCALL(gettimeofday) {
  if (args[0] != 0) {
    UserTime now = to_timespec(realtime_ns());
    now.fraction /= static_cast<i64>(kNanosecondsPerMicrosecond);
    if (!write_user(args[0], now)) return -EFAULT;
  }
  // struct timezone: Greenwich.
  return args[1] == 0 || zero_user(args[1], 2 * sizeof(i32)) ? 0 : -EFAULT;
}

MAYFLY_SYSCALL(time) {
  auto seconds = static_cast<i64>(realtime_ns() / kNanosecondsPerSecond);
  return args[0] != 0 && !write_user(args[0], seconds) ? -EFAULT : seconds;
}

MAYFLY_SYSCALL(nanosleep) {
  u64 duration_ns = 0;
  if (long error = read_timespec(args[0], duration_ns); error != 0) return error;
  return sleep(thread, add_saturating(monotonic_ns(), duration_ns), args[1]);
}

MAYFLY_SYSCALL(clock_nanosleep) {
  auto clock = static_cast<int>(args[0]);
  if (!can_wait_for(clock)) return is_cpu_clock(clock) ? -EOPNOTSUPP : -EINVAL;
  u64 time_ns = 0;
  if (long error = read_timespec(args[2], time_ns); error != 0) return error;
  bool is_absolute = (args[1] & TIMER_ABSTIME) != 0;
  if (!is_absolute) return sleep(thread, add_saturating(monotonic_ns(), time_ns), args[3]);
  return sleep(thread, to_monotonic(clock, time_ns), 0);
}

}  // namespace mayfly::kernel
