// The clocks of clock_gettime(2) by number.
#pragma once

#include "abi/types.h"

namespace mayfly::kernel {

class Thread;

/// Reads a clock. @return false if there is none of this number
[[nodiscard]] bool read_clock(Thread& thread, int clock, u64& now_ns);
/// True for clocks that sleeps and timers can use.
[[nodiscard]] bool can_wait_for(int clock);
/// True for clocks of processor time, those of clock_getcpuclockid included.
[[nodiscard]] bool is_cpu_clock(int clock);
/// When a clock of can_wait_for() will show `time_ns`, in CLOCK_MONOTONIC.
[[nodiscard]] u64 to_monotonic(int clock, u64 time_ns);

}  // namespace mayfly::kernel
