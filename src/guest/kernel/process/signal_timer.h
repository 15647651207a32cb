// Timers that send a signal: setitimer and timer_create.
#pragma once

#include "guest/kernel/sched/timer.h"
#include "guest/kernel/signal/signal_set.h"

namespace mayfly::kernel {

class Process;

/// Sends `info` when it expires, again and again if it has an interval.
class SignalTimer final : public Timer {
 public:
  /// @param thread_id who gets the signal; 0: the process
  SignalTimer(Process& process, const SignalInfo& info, int clock, u32 thread_id = 0)
      : process_(process), info_(info), clock_(clock), thread_id_(thread_id) {}

  /// @param deadline_ns absolute CLOCK_MONOTONIC; kNever disarms
  void set(u64 deadline_ns, u64 interval_ns);
  /// Time until it expires, 0 if it is not armed.
  [[nodiscard]] u64 remaining_ns() const;
  [[nodiscard]] u64 interval_ns() const { return interval_ns_; }
  [[nodiscard]] int clock() const { return clock_; }
  /// Expirations that were not signalled because the signal before was still pending.
  [[nodiscard]] i32 overrun() const { return overrun_; }
  /// SIGEV_NONE: only timer_gettime tells.
  void be_silent() { silent_ = true; }

  void expired() override;

 private:
  void send(i32 missed);

  Process& process_;
  SignalInfo info_;
  u64 interval_ns_ = 0;
  int clock_;
  u32 thread_id_;
  i32 overrun_ = 0;
  bool silent_ = false;
};

}  // namespace mayfly::kernel
