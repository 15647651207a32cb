#include "guest/kernel/signal/deliver.h"

#include <asm/signal.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/trace.h"
#include "guest/kernel/signal/fatal.h"
#include "guest/kernel/signal/frame.h"
#include "guest/kernel/signal/send.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kSyscallBytes = 2;  // of the `syscall` instruction
constexpr u64 kNoCall = ~u64{0};  // TrapFrame::original_rax outside of system calls

bool has_default_action(const SignalAction& action) {
  return action.handler == reinterpret_cast<u64>(SIG_DFL);
}

bool in_interrupted_call(const TrapFrame& frame) {
  if (frame.kind != kEntrySyscall || frame.original_rax == kNoCall) return false;
  auto result = static_cast<long>(frame.rax);
  return result == kRestart || result == kRestartUnlessHandled;
}

void repeat_call(TrapFrame& frame) {
  frame.rax = frame.original_rax;
  frame.rip -= kSyscallBytes;
}

/// What an interrupted call returns, or does, behind the handler of `action`.
void settle_call(TrapFrame& frame, const SignalAction& action) {
  if (!in_interrupted_call(frame)) return;
  if (static_cast<long>(frame.rax) == kRestart && (action.flags & SA_RESTART) != 0) {
    repeat_call(frame);
  } else {
    frame.rax = static_cast<u64>(i64{-EINTR});
  }
}

/// Makes `frame` enter the handler. @return false if the stack cannot take it
bool enter_handler(Thread& thread, TrapFrame& frame, const SignalInfo& info, const SignalAction& action) {
  SignalSet mask = thread.restore_blocked_signals ? thread.saved_blocked_signals : thread.blocked_signals;
  abort_restartable_sequence(thread, frame);
  if (!push_signal_frame(thread, frame, info, action, mask)) return false;
  thread.restore_blocked_signals = false;
  // A handler's frame is no system call's: what is delivered next must not repeat it.
  frame.original_rax = kNoCall;
  SignalSet blocked = thread.blocked_signals | SignalSet(action.mask);
  if ((action.flags & SA_NODEFER) == 0) blocked.add(info.number);
  thread.blocked_signals = blockable(blocked);
  if ((action.flags & SA_RESETHAND) != 0) {
    SignalAction reset = action;
    reset.handler = reinterpret_cast<u64>(SIG_DFL);
    thread.process.actions.set(info.number, reset);
  }
  return true;
}

/// The stack cannot take a handler's frame: a fault, which has its own handler unless it was this one.
void no_room_for_frame(Thread& thread, TrapFrame& frame, int signal) {
  SignalInfo fault = kernel_signal(SIGSEGV);
  if (signal == SIGSEGV) end_by_signal(thread, frame, fault);
  force_signal(thread, frame, fault);
}

SignalSet unblocked_signals(Thread& thread) {
  return (thread.pending_signals.pending() | thread.process.pending_signals.pending()) & ~thread.blocked_signals;
}

}  // namespace

bool signal_waiting(Thread& thread) {
  SignalSet waiting = unblocked_signals(thread);
  while (!waiting.empty()) {
    int signal = waiting.lowest();
    if (!is_ignored(thread.process, signal)) return true;
    waiting.remove(signal);
  }
  return false;
}

bool deliver_signals(Thread& thread, TrapFrame& frame) {
  // Nearly every return: not even a SignalInfo to be cleared.
  if (unblocked_signals(thread).empty() && !thread.restore_blocked_signals && !in_interrupted_call(frame)) return false;
  SignalInfo info;
  while (int signal = take_signal(thread, ~thread.blocked_signals, info)) {
    if (is_ignored(thread.process, signal)) continue;
    trace_signal(thread, info);
    SignalAction action = thread.process.actions.get(signal);
    if (has_default_action(action)) end_by_signal(thread, frame, info);
    settle_call(frame, action);
    if (!enter_handler(thread, frame, info, action)) no_room_for_frame(thread, frame, signal);
    return true;
  }
  if (in_interrupted_call(frame)) repeat_call(frame);
  if (!thread.restore_blocked_signals) return false;
  thread.blocked_signals = thread.saved_blocked_signals;
  thread.restore_blocked_signals = false;
  return true;
}

void force_signal(Thread& thread, TrapFrame& frame, const SignalInfo& info) {
  trace_signal(thread, info);
  SignalAction action = thread.process.actions.get(info.number);
  bool is_handled = !has_default_action(action) && action.handler != reinterpret_cast<u64>(SIG_IGN);
  if (!is_handled || thread.blocked_signals.has(info.number)) end_by_signal(thread, frame, info);
  if (!enter_handler(thread, frame, info, action)) end_by_signal(thread, frame, info);
}

void block_signals_for_call(Thread& thread, SignalSet mask) {
  thread.saved_blocked_signals = thread.blocked_signals;
  thread.restore_blocked_signals = true;
  thread.blocked_signals = blockable(mask);
}

}  // namespace mayfly::kernel
