// Processor time used by the program.
#pragma once

#include "guest/kernel/core/clock.h"
#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {

/// What has passed while some thread was runnable. The scheduler does not tell threads apart: a thread's clock shows
/// this as well, which runs as fast as it may, and never backwards.
[[nodiscard]] inline u64 cpu_time_ns(const Kernel& kernel) {
  return monotonic_ns() - kernel.scheduler.idle_ns();
}

}  // namespace mayfly::kernel
