// Signals on their way to the program.
#pragma once

#include "guest/kernel/arch/trap_frame.h"

namespace mayfly::kernel {

class Thread;

/// A signal that the thread does not block, and that would not be ignored, waits for it.
[[nodiscard]] bool signal_waiting(Thread& thread);

/// Runs before every return to user mode: turns kRestart in `frame.rax` into EINTR or a repeated call, and makes the
/// frame enter a handler if a signal waits. Default actions may end the machine.
/// @return true if something was delivered and the caller should look again before it returns
bool deliver_signals(Thread& thread, TrapFrame& frame);

/// An exception of the program that no page could resolve becomes a synchronous signal.
void handle_exception(Thread& thread, TrapFrame& frame);

}  // namespace mayfly::kernel
