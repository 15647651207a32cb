// The clocks of clock_gettime(2) by number, and the timelines behind them.
#pragma once

#include "guest/kernel/sched/timer.h"

namespace mayfly::kernel {

class Process;
class Thread;

/// Reads a clock. @return false if there is none of this number
[[nodiscard]] bool read_clock(Thread& thread, int clock, u64& now_ns);
/// True for clocks that sleeps and timers can use, apart from those of processor time.
[[nodiscard]] bool can_wait_for(int clock);
/// True for clocks of processor time, those of clock_getcpuclockid included.
[[nodiscard]] bool is_cpu_clock(int clock);
/// When a clock of can_wait_for() will show `time_ns`, in CLOCK_MONOTONIC.
[[nodiscard]] u64 to_monotonic(int clock, u64 time_ns);

/// What a timer runs on: CLOCK_MONOTONIC or some processor time.
class Timeline {
 public:
  enum class Kind : u8 { monotonic, process_cpu, process_user, thread_cpu };

  /// That of a clock that exists. A clock of the calling thread's processor time means the thread for good.
  Timeline(Thread& caller, int clock);
  Timeline(Process& process, Kind kind) : process_(&process), kind_(kind) {}

  [[nodiscard]] Kind kind() const { return kind_; }
  /// The thread of Kind::thread_cpu.
  [[nodiscard]] u32 thread_id() const { return thread_id_; }
  /// Time on it; 0 when its thread has ended.
  [[nodiscard]] u64 now_ns() const;
  /// Arms a timer for a time on it; a thread that has ended never comes to it.
  void arm(Timer& timer, u64 deadline_ns) const;

 private:
  Process* process_;
  Kind kind_;
  u32 thread_id_ = 0;
};

}  // namespace mayfly::kernel
