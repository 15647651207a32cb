// Reading clocks and sleeping. Programs read most clocks through the vDSO and do not come here.
#include <linux/time.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/clock_id.h"
#include "guest/kernel/process/syscall.h"
#include "guest/kernel/process/timespec.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kNanosecondsPerMicrosecond = 1'000;

/// Tells what is left of a relative sleep that a signal has ended. @param remainder where to, or 0
long interrupted(UserAddress remainder, u64 deadline_ns, u64 now_ns) {
  u64 left = deadline_ns > now_ns ? deadline_ns - now_ns : 0;
  return remainder != 0 && !write_timespec(remainder, left) ? -EFAULT : -EINTR;
}

long sleep(Thread& thread, u64 deadline_ns, UserAddress remainder) {
  while (monotonic_ns() < deadline_ns) {
    if (thread.sleep_until(deadline_ns) == kRestart) return interrupted(remainder, deadline_ns, monotonic_ns());
  }
  return 0;
}

/// Sleeps until other threads have used that much processor time.
long sleep_on_cpu(Thread& thread, const Timeline& timeline, u64 deadline_ns, UserAddress remainder) {
  struct Alarm final : Timer {
    explicit Alarm(Thread& sleeping) : sleeper(sleeping) {}
    void expired() override { sleeper.wake_up(); }
    Thread& sleeper;
  };
  Alarm alarm(thread);
  for (;;) {
    u64 now_ns = timeline.now_ns();
    if (now_ns >= deadline_ns) return 0;
    timeline.arm(alarm, deadline_ns);
    if (thread.block() == kRestart) return interrupted(remainder, deadline_ns, timeline.now_ns());
  }
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
  u64 now_ns = 0;
  if (!read_clock(thread, clock, now_ns)) return -EINVAL;
  if (clock == CLOCK_THREAD_CPUTIME_ID || (!can_wait_for(clock) && !is_cpu_clock(clock))) return -EOPNOTSUPP;
  u64 time_ns = 0;
  if (long error = read_timespec(args[2], time_ns); error != 0) return error;
  bool is_absolute = (args[1] & TIMER_ABSTIME) != 0;
  UserAddress remainder = is_absolute ? 0 : args[3];
  if (is_cpu_clock(clock)) {
    Timeline timeline(thread, clock);
    // It would never come to it.
    if (timeline.kind() == Timeline::Kind::thread_cpu && timeline.thread_id() == thread.id) return -EINVAL;
    return sleep_on_cpu(thread, timeline, is_absolute ? time_ns : add_saturating(now_ns, time_ns), remainder);
  }
  return sleep(thread, is_absolute ? to_monotonic(clock, time_ns) : add_saturating(monotonic_ns(), time_ns), remainder);
}

/// Nobody sets the clock of a machine from inside.
MAYFLY_SYSCALL(clock_settime) {
  auto clock = static_cast<int>(args[0]);
  if (clock != CLOCK_REALTIME) return -EINVAL;
  u64 wanted_ns = 0;
  long error = read_timespec(args[1], wanted_ns);
  return error != 0 ? error : -EPERM;
}

}  // namespace mayfly::kernel
