#include "guest/kernel/process/clock_id.h"

#include <linux/time.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/timespec.h"

namespace mayfly::kernel {
namespace {

bool shows_real_time(int clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_REALTIME_ALARM ||
         clock == CLOCK_TAI;
}

bool shows_monotonic_time(int clock) {
  return clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_MONOTONIC_COARSE ||
         clock == CLOCK_BOOTTIME || clock == CLOCK_BOOTTIME_ALARM;
}

/// Numbers of clock_getcpuclockid(3): the inverted id of a process or thread above three bits of kind.
struct CpuClock {
  explicit CpuClock(int clock)
      : id(static_cast<u32>(~(clock >> 3))), of_thread((clock & 4) != 0), kind(static_cast<u32>(clock) & 3) {}
  static constexpr u32 kUserTime = 1;  // CPUCLOCK_VIRT; 0 is user and system time, 2 the scheduler's: the same here
  u32 id;
  bool of_thread;
  u32 kind;
};

/// Whether the clock is one of this process, which is the only one.
bool exists(Process& process, const CpuClock& clock) {
  constexpr u32 kKinds = 3;
  if (clock.kind >= kKinds) return false;
  if (clock.id == 0) return true;
  if (clock.of_thread) return process.find_thread(clock.id) != nullptr;
  return clock.id == process.id || clock.id == process.leader_id;
}

}  // namespace

bool is_cpu_clock(int clock) {
  return clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID || clock < 0;
}

bool can_wait_for(int clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME || clock == CLOCK_TAI ||
         clock == CLOCK_REALTIME_ALARM || clock == CLOCK_BOOTTIME_ALARM;
}

bool read_clock(Thread& thread, int clock, u64& now_ns) {
  if (shows_real_time(clock)) {
    now_ns = realtime_ns();
  } else if (shows_monotonic_time(clock)) {
    now_ns = monotonic_ns();
  } else if (is_cpu_clock(clock) && (clock >= 0 || exists(thread.process, CpuClock(clock)))) {
    now_ns = Timeline(thread, clock).now_ns();
  } else {
    return false;
  }
  return true;
}

u64 to_monotonic(int clock, u64 time_ns) {
  if (!shows_real_time(clock)) return time_ns;
  u64 now = realtime_ns();
  return time_ns <= now ? 0 : add_saturating(monotonic_ns(), time_ns - now);
}

Timeline::Timeline(Thread& caller, int clock) : process_(&caller.process), kind_(Kind::monotonic) {
  if (clock == CLOCK_PROCESS_CPUTIME_ID) {
    kind_ = Kind::process_cpu;
  } else if (clock == CLOCK_THREAD_CPUTIME_ID) {
    kind_ = Kind::thread_cpu;
    thread_id_ = caller.id;
  } else if (clock < 0) {
    CpuClock named(clock);
    kind_ = named.kind == CpuClock::kUserTime ? Kind::process_user : Kind::process_cpu;
    if (named.of_thread) {
      kind_ = Kind::thread_cpu;
      thread_id_ = named.id == 0 ? caller.id : named.id;
    }
  }
}

u64 Timeline::now_ns() const {
  if (kind_ == Kind::monotonic) return monotonic_ns();
  process_->kernel.scheduler.charge();
  if (kind_ == Kind::process_cpu) return process_->cpu.total_ns();
  if (kind_ == Kind::process_user) return process_->cpu.split().user_ns;
  Thread* thread = process_->find_thread(thread_id_);
  return thread == nullptr ? 0 : thread->cpu.total_ns();
}

void Timeline::arm(Timer& timer, u64 deadline_ns) const {
  switch (kind_) {
    case Kind::monotonic:
      process_->kernel.timers().arm(timer, deadline_ns);
      break;
    case Kind::process_cpu:
      process_->cpu_timers.arm(timer, deadline_ns);
      break;
    case Kind::process_user:
      process_->user_timers.arm(timer, deadline_ns);
      break;
    case Kind::thread_cpu:
      if (Thread* thread = process_->find_thread(thread_id_)) thread->cpu_timers.arm(timer, deadline_ns);
      break;
  }
}

}  // namespace mayfly::kernel
