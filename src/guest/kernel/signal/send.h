// Sending signals, and what becomes of them by default.
#pragma once

#include "guest/kernel/signal/signal_set.h"

namespace mayfly::kernel {

class Process;
class Thread;

/// Sends a signal to one thread, and wakes it if it blocks. Process::send_signal does it for the process.
/// @return 0, or -EAGAIN when the queue of a real-time signal is full
long send_to_thread(Thread& thread, const SignalInfo& info);

/// Takes a signal of `wanted` that waits for the thread, its own ones first. @return its number, or 0
int take_signal(Thread& thread, SignalSet wanted, SignalInfo& info);

/// A signal of the kernel's own making, such as SIGPIPE or SIGALRM.
[[nodiscard]] SignalInfo kernel_signal(int signal);

/// True if the signal would have no effect: ignored, or ignored by default (stopping included, as nobody could continue
/// the program).
[[nodiscard]] bool is_ignored(const Process& process, int signal);

}  // namespace mayfly::kernel
