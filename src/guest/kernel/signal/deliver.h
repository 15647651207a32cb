// Signals on their way to the program.
#pragma once

#include "guest/kernel/arch/trap_frame.h"
#include "guest/kernel/signal/signal_set.h"

namespace mayfly::kernel {

class Thread;

/// As kRestart, for calls that return EINTR after every handler, whatever SA_RESTART says, but go on if none ran
/// (Linux's ERESTARTNOHAND): pause, sigsuspend, epoll_wait, poll.
inline constexpr long kRestartUnlessHandled = -514;

/// A signal that the thread does not block, and that would not be ignored, waits for it.
[[nodiscard]] bool signal_waiting(Thread& thread);

/// Runs before every return to user mode: turns kRestart in `frame.rax` into EINTR or a repeated call, and makes the
/// frame enter a handler if a signal waits. Default actions may end the machine.
/// @return true if something was delivered and the caller should look again before it returns
bool deliver_signals(Thread& thread, TrapFrame& frame);

/// An exception of the program that no page could resolve becomes a synchronous signal.
void handle_exception(Thread& thread, TrapFrame& frame);

/// Makes a signal happen to the running thread now: a blocked or ignored one ends the program.
void force_signal(Thread& thread, TrapFrame& frame, const SignalInfo& info);

/// Blocks all but `mask` until the call returns to user mode and a handler may have run: for sigsuspend, ppoll,
/// epoll_pwait, pselect. The former mask comes back by itself.
void block_signals_for_call(Thread& thread, SignalSet mask);

}  // namespace mayfly::kernel
