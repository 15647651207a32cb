#include "guest/kernel/process/clock_id.h"

#include <linux/time.h>

#include "guest/kernel/process/cpu_time.h"
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
bool names_own_cpu_clock(Process& process, int clock) {
  constexpr int kKindBits = 3;
  constexpr int kThreadKind = 4;
  auto id = static_cast<u32>(~(clock >> kKindBits));
  if (id == 0) return true;
  return (clock & kThreadKind) != 0 ? process.find_thread(id) != nullptr : id == process.id || id == process.leader_id;
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
  } else if (is_cpu_clock(clock) && (clock >= 0 || names_own_cpu_clock(thread.process, clock))) {
    now_ns = cpu_time_ns(thread.kernel);
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

}  // namespace mayfly::kernel
