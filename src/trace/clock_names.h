// Clocks by name, which timers and descriptors of timers take as well.
#pragma once

#include <time.h>

#include "trace/signature.h"

namespace mayfly::trace {

inline constexpr Name kClocks[] = {
    MAYFLY_NAME(CLOCK_REALTIME),          MAYFLY_NAME(CLOCK_MONOTONIC),     MAYFLY_NAME(CLOCK_PROCESS_CPUTIME_ID),
    MAYFLY_NAME(CLOCK_THREAD_CPUTIME_ID), MAYFLY_NAME(CLOCK_MONOTONIC_RAW), MAYFLY_NAME(CLOCK_REALTIME_COARSE),
    MAYFLY_NAME(CLOCK_MONOTONIC_COARSE),  MAYFLY_NAME(CLOCK_BOOTTIME),      MAYFLY_NAME(CLOCK_REALTIME_ALARM),
    MAYFLY_NAME(CLOCK_BOOTTIME_ALARM),    MAYFLY_NAME(CLOCK_TAI),
};
inline constexpr Argument kClock = choice(kClocks);

}  // namespace mayfly::trace
