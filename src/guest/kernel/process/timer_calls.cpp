// alarm, setitimer and POSIX timers.
#include <asm/siginfo.h>
#include <linux/signal.h>
#include <linux/time.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/clock_id.h"
#include "guest/kernel/process/signal_timer.h"
#include "guest/kernel/process/syscall.h"
#include "guest/kernel/process/timespec.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kNanosecondsPerMicrosecond = 1'000;

/// struct itimerval and struct itimerspec.
struct UserInterval {
  UserTime interval;
  UserTime value;
};

/// struct sigevent, as far as the kernel reads it.
struct UserEvent {
  u64 value;
  i32 signal;
  i32 notify;
  i32 thread_id;
};

UserTime to_timeval(u64 nanoseconds) {
  UserTime time = to_timespec(nanoseconds);
  time.fraction /= static_cast<i64>(kNanosecondsPerMicrosecond);
  return time;
}

/// @return 0 or -EINVAL
long from_timeval(const UserTime& time, u64& nanoseconds) {
  constexpr i64 kMicrosecondsPerSecond = 1'000'000;
  if (time.fraction < 0 || time.fraction >= kMicrosecondsPerSecond) return -EINVAL;
  return to_nanoseconds({time.seconds, time.fraction * static_cast<i64>(kNanosecondsPerMicrosecond)}, nanoseconds);
}

/// @param value_ns from now; 0 disarms
void start(SignalTimer& timer, u64 value_ns, u64 interval_ns) {
  timer.set(value_ns == 0 ? kNever : timer.deadline_after(value_ns), interval_ns);
}

SignalTimer* find_timer(Process& process, u64 id) {
  return id < Process::kMaxTimers ? process.posix_timers[id] : nullptr;
}

bool write_setting(UserAddress address, const SignalTimer& timer) {
  UserInterval setting{to_timespec(timer.interval_ns()), to_timespec(timer.remaining_ns())};
  return write_user(address, setting);
}

}  // namespace

MAYFLY_SYSCALL(alarm) {
  SignalTimer& timer = thread.process.interval_timers[ITIMER_REAL];
  u64 seconds_left = (timer.remaining_ns() + kNanosecondsPerSecond - 1) / kNanosecondsPerSecond;
  start(timer, static_cast<u32>(args[0]) * kNanosecondsPerSecond, 0);
  return static_cast<long>(seconds_left);
}

MAYFLY_SYSCALL(getitimer) {
  if (args[0] > ITIMER_PROF) return -EINVAL;
  SignalTimer& timer = thread.process.interval_timers[args[0]];
  UserInterval setting{to_timeval(timer.interval_ns()), to_timeval(timer.remaining_ns())};
  return write_user(args[1], setting) ? 0 : -EFAULT;
}

MAYFLY_SYSCALL(setitimer) {
  UserInterval wanted{};
  if (args[1] != 0 && !read_user(args[1], wanted)) return -EFAULT;
  u64 value_ns = 0;
  u64 interval_ns = 0;
  if (from_timeval(wanted.value, value_ns) != 0 || from_timeval(wanted.interval, interval_ns) != 0) return -EINVAL;
  if (args[0] > ITIMER_PROF) return -EINVAL;
  SignalTimer& timer = thread.process.interval_timers[args[0]];
  UserInterval old{to_timeval(timer.interval_ns()), to_timeval(timer.remaining_ns())};
  start(timer, value_ns, interval_ns);
  return args[2] == 0 || write_user(args[2], old) ? 0 : -EFAULT;
}

MAYFLY_SYSCALL(timer_create) {
  auto clock = static_cast<int>(args[0]);
  u64 now = 0;
  if (!read_clock(thread, clock, now)) return -EINVAL;
  if (!can_wait_for(clock) && !is_cpu_clock(clock)) return -EOPNOTSUPP;
  Process& process = thread.process;
  i32 id = 0;
  while (id < Process::kMaxTimers && process.posix_timers[id] != nullptr) ++id;
  if (id == Process::kMaxTimers) return -EAGAIN;
  UserEvent event{static_cast<u64>(id), SIGALRM, SIGEV_SIGNAL, 0};
  if (args[1] != 0 && !read_user(args[1], event)) return -EFAULT;
  bool to_thread = event.notify == SIGEV_THREAD_ID;
  if (!to_thread && event.notify != SIGEV_SIGNAL && event.notify != SIGEV_NONE) return -EINVAL;
  if (event.notify != SIGEV_NONE && (event.signal < 1 || event.signal > kSignals)) return -EINVAL;
  auto thread_id = to_thread ? static_cast<u32>(event.thread_id) : 0;
  if (to_thread && process.find_thread(thread_id) == nullptr) return -EINVAL;

  SignalInfo info;
  info.number = event.signal;
  info.code = SI_TIMER;
  info.timer = {id, 0, event.value};
  if (!write_user(args[2], id)) return -EFAULT;
  auto* timer = process.kernel.heap.make<SignalTimer>(process, info, Timeline(thread, clock), clock, thread_id);
  if (timer == nullptr) return -EAGAIN;
  if (event.notify == SIGEV_NONE) timer->be_silent();
  process.posix_timers[id] = timer;
  return 0;
}

MAYFLY_SYSCALL(timer_settime) {
  if (args[2] == 0) return -EINVAL;
  SignalTimer* timer = find_timer(thread.process, args[0]);
  if (timer == nullptr) return -EINVAL;
  UserInterval wanted{};
  if (!read_user(args[2], wanted)) return -EFAULT;
  u64 value_ns = 0;
  u64 interval_ns = 0;
  if (to_nanoseconds(wanted.value, value_ns) != 0 || to_nanoseconds(wanted.interval, interval_ns) != 0) return -EINVAL;
  if (args[3] != 0 && !write_setting(args[3], *timer)) return -EFAULT;
  bool is_absolute = (args[1] & TIMER_ABSTIME) != 0 && value_ns != 0;
  if (!is_absolute) {
    start(*timer, value_ns, interval_ns);
  } else {
    timer->set(is_cpu_clock(timer->clock()) ? value_ns : to_monotonic(timer->clock(), value_ns), interval_ns);
  }
  return 0;
}

MAYFLY_SYSCALL(timer_gettime) {
  SignalTimer* timer = find_timer(thread.process, args[0]);
  if (timer == nullptr) return -EINVAL;
  return write_setting(args[1], *timer) ? 0 : -EFAULT;
}

MAYFLY_SYSCALL(timer_getoverrun) {
  SignalTimer* timer = find_timer(thread.process, args[0]);
  return timer == nullptr ? -EINVAL : timer->overrun();
}

MAYFLY_SYSCALL(timer_delete) {
  SignalTimer* timer = find_timer(thread.process, args[0]);
  if (timer == nullptr) return -EINVAL;
  thread.process.posix_timers[args[0]] = nullptr;
  thread.kernel.heap.destroy(timer);
  return 0;
}

}  // namespace mayfly::kernel
