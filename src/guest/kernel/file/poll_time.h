// Timeouts and signal masks of epoll_pwait, ppoll and pselect.
#pragma once

#include "guest/kernel/sched/thread.h"

namespace mayfly::kernel {

/// Deadline of a timeout in milliseconds: 0 = do not wait, kNever for a negative one.
[[nodiscard]] u64 deadline_after_ms(i32 timeout_ms);
/// The same for nanoseconds.
[[nodiscard]] u64 deadline_after_ns(u64 timeout_ns);
/// The same for a struct timespec at `timeout`, kNever if that is null. @return 0, -EFAULT or -EINVAL
long read_deadline(UserAddress timeout, u64& deadline_ns);
/// Writes what is left until the deadline to the struct timespec or timeval at `timeout`, as Linux does.
/// @param unit_ns nanoseconds in the structure's second member: 1 or 1000
void write_time_left(UserAddress timeout, u64 deadline_ns, u64 unit_ns);

/// A signal mask in force for the duration of one call.
class TemporaryMask {
 public:
  explicit TemporaryMask(Thread& thread) : thread_(thread) {}
  /// @param mask sigset_t, or null for none
  /// @return 0, -EFAULT, or -EINVAL for a wrong size
  long install(UserAddress mask, u64 size_bytes);
  /// Puts the old mask back; after -EINTR only once the signal has been delivered under the temporary one.
  long finish(long result);

 private:
  Thread& thread_;
  SignalSet saved_;
  bool installed_ = false;
};

}  // namespace mayfly::kernel
