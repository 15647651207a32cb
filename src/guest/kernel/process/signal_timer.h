// Timers that send a signal: setitimer and timer_create.
#pragma once

#include "guest/kernel/process/clock_id.h"
#include "guest/kernel/sched/timer.h"
#include "guest/kernel/signal/signal_set.h"

namespace mayfly::kernel {

class Process;

/// Sends `info` when it expires, again and again if it has an interval.
class SignalTimer final : public Timer {
 public:
  /// @param clock only kept for clock()
  /// @param thread_id who gets the signal; 0: the process
  SignalTimer(Process& process, const SignalInfo& info, Timeline timeline, int clock = 0, u32 thread_id = 0)
      : process_(process), info_(info), timeline_(timeline), clock_(clock), thread_id_(thread_id) {}

  /// @param deadline_ns absolute time on its timeline; kNever disarms
  void set(u64 deadline_ns, u64 interval_ns);
  /// Absolute time on its timeline, `duration_ns` from now.
  [[nodiscard]] u64 deadline_after(u64 duration_ns) const;
  /// Time until it expires, 0 if it is not armed.
  [[nodiscard]] u64 remaining_ns() const;
  [[nodiscard]] u64 interval_ns() const { return interval_ns_; }
  [[nodiscard]] int clock() const { return clock_; }
  /// Expirations beside the one that the last delivered signal was for.
  [[nodiscard]] i32 overrun() const { return overrun_; }
  /// Its signal has been taken.
  void delivered(const SignalInfo& info) { overrun_ = info.timer.overrun; }
  /// SIGEV_NONE: only timer_gettime tells.
  void be_silent() { silent_ = true; }

  void expired() override;

 private:
  void send(i32 missed);

  Process& process_;
  SignalInfo info_;
  u64 interval_ns_ = 0;
  Timeline timeline_;
  int clock_;
  u32 thread_id_;
  i32 overrun_ = 0;
  bool silent_ = false;
};

}  // namespace mayfly::kernel
