// How a thread wants to be scheduled. Remembered and told; all threads are served in turn.
#pragma once

#include "abi/types.h"

namespace mayfly::kernel {

struct SchedulingPolicy {
  i32 policy = 0;  ///< SCHED_OTHER, SCHED_BATCH or SCHED_IDLE
  i32 nice = 0;
  bool reset_on_fork = false;
};

}  // namespace mayfly::kernel
