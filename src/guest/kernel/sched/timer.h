// One-shot timers on CLOCK_MONOTONIC of the machine.
#pragma once

#include "abi/types.h"
#include "guest/kernel/core/list.h"

namespace mayfly::kernel {

/// Armed by TimerQueue::arm, disarmed by unlink() or destruction.
class Timer : public ListNode<> {
 public:
  /// Runs in the scheduler, must not block; the timer is disarmed already and may be armed again here.
  virtual void expired() = 0;
  [[nodiscard]] bool armed() const { return linked(); }
  void disarm() { unlink(); }
  [[nodiscard]] u64 deadline_ns() const { return deadline_ns_; }

 protected:
  ~Timer() = default;

 private:
  friend class TimerQueue;
  u64 deadline_ns_ = 0;
};

/// Armed timers in the order of their deadlines.
class TimerQueue {
 public:
  /// Arms (again) for an absolute time.
  void arm(Timer& timer, u64 deadline_ns);
  /// Deadline of the first timer, or kNever.
  [[nodiscard]] u64 next_deadline_ns();
  /// Runs every timer that is due at `now_ns`.
  void run_expired(u64 now_ns);

 private:
  List<Timer> timers_;
};

}  // namespace mayfly::kernel
