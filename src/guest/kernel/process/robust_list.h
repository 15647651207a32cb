// Robust futexes: what a thread held when it ended is marked, so that the next locker learns of it.
#pragma once

namespace mayfly::kernel {

class Thread;

/// Walks the list that set_robust_list announced. Malformed lists end the walk quietly, as on Linux.
void settle_robust_list(Thread& thread);

}  // namespace mayfly::kernel
