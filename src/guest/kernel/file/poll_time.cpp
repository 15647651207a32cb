#include "guest/kernel/file/poll_time.h"

#include <asm/signal.h>

namespace mayfly::kernel {
namespace {

struct TwoPartTime {  // struct timespec, struct timeval
  i64 seconds;
  i64 fraction;
};

}  // namespace

u64 deadline_after_ns(u64 timeout_ns) {
  if (timeout_ns == 0) return 0;
  u64 now = monotonic_ns();
  return timeout_ns < kNever - now ? now + timeout_ns : kNever;
}

u64 deadline_after_ms(i32 timeout_ms) {
  if (timeout_ms < 0) return kNever;
  return deadline_after_ns(static_cast<u64>(timeout_ms) * 1'000'000);
}

long read_deadline(UserAddress timeout, u64& deadline_ns) {
  deadline_ns = kNever;
  if (timeout == 0) return 0;
  TwoPartTime time{};
  if (!read_user(timeout, time)) return -EFAULT;
  constexpr auto kSecond = static_cast<i64>(kNanosecondsPerSecond);
  if (time.seconds < 0 || time.fraction < 0 || time.fraction >= kSecond) return -EINVAL;
  if (time.seconds < i64{1} << 32) {
    deadline_ns = deadline_after_ns(static_cast<u64>(time.seconds * kSecond + time.fraction));
  }
  return 0;
}

void write_time_left(UserAddress timeout, u64 deadline_ns, u64 unit_ns) {
  if (timeout == 0 || deadline_ns == kNever) return;
  u64 now = monotonic_ns();
  u64 left = deadline_ns > now ? deadline_ns - now : 0;
  TwoPartTime time{static_cast<i64>(left / kNanosecondsPerSecond),
                   static_cast<i64>(left % kNanosecondsPerSecond / unit_ns)};
  // poll_select_finish() of Linux ignores a failure here too.
  static_cast<void>(write_user(timeout, time));
}

long TemporaryMask::install(UserAddress mask, u64 size_bytes) {
  if (mask == 0) return 0;
  if (size_bytes != sizeof(u64)) return -EINVAL;
  u64 bits = 0;
  if (!read_user(mask, bits)) return -EFAULT;
  SignalSet blocked(bits);
  blocked.remove(SIGKILL);
  blocked.remove(SIGSTOP);
  saved_ = thread_.blocked_signals;
  thread_.blocked_signals = blocked;
  installed_ = true;
  return 0;
}

long TemporaryMask::finish(long result) {
  if (!installed_) return result;
  if (result == -EINTR) {
    thread_.saved_blocked_signals = saved_;
    thread_.restore_blocked_signals = true;
  } else {
    thread_.blocked_signals = saved_;
  }
  return result;
}

}  // namespace mayfly::kernel
