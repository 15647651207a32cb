// Which thread runs: of the runnable ones the one that has had least of the processor, in turns; the host's wait when
// there is none. Turns alone would not be fair: of threads that share a queue one could take all that is meant for
// another.
#pragma once

#include "guest/kernel/core/clock.h"
#include "guest/kernel/sched/thread.h"
#include "guest/kernel/sched/timer.h"

namespace mayfly::kernel {

/// Told when the machine stops for the host, and when it goes on, to see what the host has brought.
class HostEvents {
 public:
  virtual void before_wait() = 0;
  virtual void host_returned() = 0;

 protected:
  ~HostEvents() = default;
};

class Scheduler {
 public:
  explicit Scheduler(HostEvents& events) : host_events_(events) {}

  [[nodiscard]] Thread* current() const { return current_; }
  TimerQueue& timers() { return timers_; }

  /// Makes `thread` the running one without a switch: the first thread, at boot.
  void adopt(Thread& thread) {
    current_ = &thread;
    charged_at_ns_ = monotonic_ns();
  }
  /// Queues a runnable thread, behind those that have had no more of the processor than it has.
  void enqueue(Thread& thread);
  /// Lets all other runnable threads go first.
  void yield();
  /// Gives the processor to the next runnable thread, waiting for the host while there is none. Comes back when the
  /// calling thread is chosen again; at once if it is runnable and alone.
  void reschedule();
  /// A time slice is over or the host wants attention: serves timers and host events, then lets others run.
  /// @param in_user whether the program was interrupted, or the kernel
  void preempt(bool in_user);
  /// Stops for the host as a wait does, though the calling thread goes on at once.
  void let_host_work();
  /// Brings the processor time of the running thread and its process up to date.
  void charge() { charge(monotonic_ns()); }
  [[nodiscard]] u64 switches() const { return switches_; }

 private:
  void charge(u64 now_ns);
  void run_expired_timers();
  void wait_for_host(u64 deadline_ns);
  void switch_to(Thread& next);

  HostEvents& host_events_;
  TimerQueue timers_;
  List<Thread, RunListTag> run_queue_;  // runnable and not running, by fair time
  Thread* current_ = nullptr;
  u64 fair_time_ns_ = 0;  // of the thread chosen last; never goes back
  u64 switches_ = 0;
  u64 charged_at_ns_ = 0;  // up to when the running thread has been charged
};

}  // namespace mayfly::kernel
