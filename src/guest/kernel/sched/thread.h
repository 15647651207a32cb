// A thread of the program, with the kernel stack on which its system calls run.
#pragma once

#include "abi/types.h"
#include "guest/kernel/arch/trap_frame.h"
#include "guest/kernel/core/clock.h"
#include "guest/kernel/core/list.h"
#include "guest/kernel/core/user.h"
#include "guest/kernel/process/restartable_sequence.h"
#include "guest/kernel/sched/cpu_use.h"
#include "guest/kernel/sched/scheduling_policy.h"
#include "guest/kernel/sched/timer.h"
#include "guest/kernel/sched/wait_queue.h"
#include "guest/kernel/signal/signal_queue.h"

namespace mayfly::kernel {

class Kernel;
class Process;

/// A blocking call returns this when a signal is waiting: it becomes EINTR, or the call starts again.
inline constexpr long kRestart = -512;

inline constexpr u64 kDefaultTimerSlackNs = 50'000;
inline constexpr u64 kKernelStackBytes = 16 * 1024;

struct RunListTag;
struct ProcessListTag;

class Thread : public ListNode<RunListTag>, public ListNode<ProcessListTag> {
 public:
  enum class State : u8 { runnable, blocked, exited };

  Thread(Kernel& owner, Process& in_process, u32 thread_id);

  /// Blocks until `queue` wakes this thread. Call it in a loop around the condition.
  /// @param deadline_ns absolute CLOCK_MONOTONIC
  /// @return 0 woken, -ETIMEDOUT, or kRestart when a signal has come
  long wait(WaitQueue& queue, u64 deadline_ns = kNever);
  /// Blocks until the deadline. @return -ETIMEDOUT, or kRestart when a signal has come
  long sleep_until(u64 deadline_ns);
  /// Lets other runnable threads go first.
  void yield();

  /// Blocks until wake_up(); for those who build their own waiters (poll, futex). @return as wait()
  long block(u64 deadline_ns = kNever);
  /// Ends a block(). @param result what block() returns
  void wake_up(long result = 0);

  /// The registers that it had in user mode.
  [[nodiscard]] TrapFrame& frame() const {
    return *reinterpret_cast<TrapFrame*>(kernel_stack_top() - sizeof(TrapFrame));
  }
  [[nodiscard]] u64 kernel_stack_top() const { return reinterpret_cast<u64>(kernel_stack) + kKernelStackBytes; }

  Kernel& kernel;
  Process& process;
  const u32 id;
  State state = State::runnable;
  char name[16] = {};

  // ---- saved while another thread runs
  u64 stack_pointer = 0;  ///< of the kernel stack
  u64 fs_base = 0;
  u64 gs_base = 0;
  u8* kernel_stack = nullptr;
  u8* extended_state = nullptr;  ///< XSAVE area

  // ---- signals: see signal/
  SignalSet blocked_signals;
  SignalSet saved_blocked_signals;  ///< to be restored by sigsuspend, ppoll, epoll_pwait
  bool restore_blocked_signals = false;
  SignalQueue pending_signals;
  UserAddress alternate_stack = 0;
  u64 alternate_stack_size = 0;
  bool disarm_alternate_stack = false;  ///< SS_AUTODISARM

  // ---- for libc
  UserAddress clear_child_tid = 0;
  UserAddress robust_list = 0;
  RestartableSequence restartable_sequence;

  // ---- the processor
  CpuUse cpu;
  u64 fair_time_ns = 0;   ///< what it has had of the processor, see Scheduler
  TimerQueue cpu_timers;  ///< deadlines in this thread's processor time
  SchedulingPolicy policy;
  u64 timer_slack_ns = kDefaultTimerSlackNs;

 private:
  struct SleepTimer final : Timer {
    explicit SleepTimer(Thread& owner) : thread(owner) {}
    void expired() override;
    Thread& thread;
  };
  SleepTimer sleep_timer;
  long block_result_ = 0;
};

/// A waiter that wakes one thread.
class ThreadWaiter final : public Waiter {
 public:
  explicit ThreadWaiter(Thread& thread) : thread_(thread) {}
  bool wake(u32 events) override;

 private:
  Thread& thread_;
};

}  // namespace mayfly::kernel
