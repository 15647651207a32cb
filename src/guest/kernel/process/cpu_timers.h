// Timers on processor time: ITIMER_VIRTUAL, ITIMER_PROF, timer_create with a CPU clock.
#pragma once

namespace mayfly::kernel {

class Thread;

/// Runs those of the thread and its process that are due. Both have been charged.
void run_expired_cpu_timers(Thread& thread);

}  // namespace mayfly::kernel
