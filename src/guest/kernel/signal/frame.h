// The signal frame on the program's stack: how a handler is entered, and what rt_sigreturn takes back. x86-64 only.
#pragma once

#include "guest/kernel/arch/trap_frame.h"
#include "guest/kernel/signal/extended_state.h"
#include "guest/kernel/signal/signal_actions.h"

namespace mayfly::kernel {

class Thread;

/// AT_MINSIGSTKSZ: what a frame takes of a stack at most: registers, siginfo, extended state and alignment.
inline constexpr u64 kMinimumSignalStack = 440 + kSignalStateBytes + 4 + 64 + 16;

/// Pushes a frame as Linux's rt_sigframe and changes `frame` so that it enters the handler of `action`.
/// Changes neither the signal mask nor the action.
/// @param mask what rt_sigreturn is to restore
/// @return false if the stack cannot take it; nothing has changed then, except bytes below the stack pointer
[[nodiscard]] bool push_signal_frame(Thread& thread, TrapFrame& frame, const SignalInfo& info,
                                     const SignalAction& action, SignalSet mask);

/// Undoes it: registers, extended state, signal mask and alternate stack. @return false if the frame is not readable
[[nodiscard]] bool pop_signal_frame(Thread& thread, TrapFrame& frame);

/// The program's stack_t.
struct SignalStack {
  u64 base;
  i32 flags;
  i32 padding;
  u64 size;
};

/// What sigaltstack tells, for a thread whose stack pointer is `stack_pointer`.
[[nodiscard]] SignalStack alternate_stack_of(const Thread& thread, u64 stack_pointer);
/// Sets the alternate stack. @return 0, -EPERM, -EINVAL or -ENOMEM
long set_alternate_stack(Thread& thread, const SignalStack& stack, u64 stack_pointer);

}  // namespace mayfly::kernel
