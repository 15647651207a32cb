// System calls about a thread's own signals: actions, masks, waiting, the alternate stack, the return from a handler.
#include <asm/siginfo.h>
#include <asm/signal.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/syscall.h"
#include "guest/kernel/process/timespec.h"
#include "guest/kernel/signal/deliver.h"
#include "guest/kernel/signal/frame.h"
#include "guest/kernel/signal/send.h"

namespace mayfly::kernel {
namespace {

/// Reads a sigset_t whose size the caller passes along. @return 0, -EINVAL or -EFAULT
long read_set(UserAddress address, u64 size_bytes, SignalSet& set) {
  if (size_bytes != sizeof(SignalSet)) return -EINVAL;
  return read_user(address, set) ? 0 : -EFAULT;
}

constexpr u64 kExposeTagBits = 0x800;  // SA_EXPOSE_TAGBITS
constexpr u64 kKnownFlags = SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK | SA_RESTART | SA_NODEFER |
                            u64{SA_RESETHAND} | SA_RESTORER | kExposeTagBits;

bool is_signal(u64 number) {
  return number >= 1 && number <= kSignals;
}

void forget_pending(Process& process, int signal) {
  process.pending_signals.remove(signal);
  for (Thread* thread = process.threads.front(); thread != nullptr; thread = process.threads.next(*thread)) {
    thread->pending_signals.remove(signal);
  }
}

/// Waits until one of `wanted` is pending, and takes it. @return its number, -EAGAIN after the deadline, -EINTR
long take_or_wait(Thread& thread, SignalSet wanted, u64 deadline_ns, SignalInfo& info) {
  for (;;) {
    int signal = take_signal(thread, wanted, info);
    if (signal != 0) return signal;
    // While it waits the thread lets them through, so that their senders choose and wake it.
    SignalSet blocked = thread.blocked_signals;
    thread.blocked_signals = blocked & ~wanted;
    long result = thread.block(deadline_ns);
    thread.blocked_signals = blocked;
    bool has_come = !((thread.pending_signals.pending() | thread.process.pending_signals.pending()) & wanted).empty();
    if (result != 0 && !has_come) return result == kRestart ? -EINTR : -EAGAIN;
  }
}

}  // namespace

MAYFLY_SYSCALL(rt_sigaction) {
  if (args[3] != sizeof(SignalSet)) return -EINVAL;
  SignalAction wanted;
  if (args[1] != 0 && !read_user(args[1], wanted)) return -EFAULT;
  if (!is_signal(args[0])) return -EINVAL;
  int signal = static_cast<int>(args[0]);
  if (args[1] != 0 && (signal == SIGKILL || signal == SIGSTOP)) return -EINVAL;
  Process& process = thread.process;
  if (args[2] != 0 && !write_user(args[2], process.actions.get(signal))) return -EFAULT;
  if (args[1] != 0) {
    wanted.flags &= kKnownFlags;  // programs find out by this which flags there are
    wanted.mask = blockable(SignalSet(wanted.mask)).bits();
    process.actions.set(signal, wanted);
    if (is_ignored(process, signal)) forget_pending(process, signal);
  }
  return 0;
}

MAYFLY_SYSCALL(rt_sigprocmask) {
  if (args[3] != sizeof(SignalSet)) return -EINVAL;
  SignalSet old = thread.blocked_signals;
  if (args[1] != 0) {
    SignalSet set;
    if (!read_user(args[1], set)) return -EFAULT;
    switch (static_cast<int>(args[0])) {
      case SIG_BLOCK:
        thread.blocked_signals = blockable(old | set);
        break;
      case SIG_UNBLOCK:
        thread.blocked_signals = old & ~set;
        break;
      case SIG_SETMASK:
        thread.blocked_signals = blockable(set);
        break;
      default:
        return -EINVAL;
    }
  }
  return args[2] != 0 && !write_user(args[2], old) ? -EFAULT : 0;
}

MAYFLY_SYSCALL(rt_sigpending) {
  if (args[1] > sizeof(SignalSet)) return -EINVAL;
  SignalSet pending =
      (thread.pending_signals.pending() | thread.process.pending_signals.pending()) & thread.blocked_signals;
  return copy_to_user(args[0], &pending, args[1]) ? 0 : -EFAULT;
}

MAYFLY_SYSCALL(rt_sigsuspend) {
  SignalSet mask;
  if (long error = read_set(args[0], args[1], mask); error != 0) return error;
  block_signals_for_call(thread, mask);
  while (thread.block() != kRestart) {
  }
  return kRestartUnlessHandled;
}

MAYFLY_SYSCALL(pause) {
  while (thread.block() != kRestart) {
  }
  return kRestartUnlessHandled;
}

MAYFLY_SYSCALL(rt_sigtimedwait) {
  SignalSet wanted;
  if (long error = read_set(args[0], args[3], wanted); error != 0) return error;
  u64 deadline_ns = kNever;
  if (args[2] != 0) {
    u64 timeout_ns = 0;
    if (long error = read_timespec(args[2], timeout_ns); error != 0) return error;
    deadline_ns = add_saturating(monotonic_ns(), timeout_ns);
  }
  SignalInfo info;
  long signal = take_or_wait(thread, blockable(wanted), deadline_ns, info);
  if (signal > 0 && args[1] != 0 && !write_user(args[1], info)) return -EFAULT;
  return signal;
}

MAYFLY_SYSCALL(sigaltstack) {
  u64 stack_pointer = thread.frame().rsp;
  SignalStack old = alternate_stack_of(thread, stack_pointer);
  if (args[0] != 0) {
    SignalStack wanted{};
    if (!read_user(args[0], wanted)) return -EFAULT;
    if (long error = set_alternate_stack(thread, wanted, stack_pointer); error != 0) return error;
  }
  return args[1] != 0 && !write_user(args[1], old) ? -EFAULT : 0;
}

MAYFLY_SYSCALL(rt_sigreturn) {
  TrapFrame& frame = thread.frame();
  if (!pop_signal_frame(thread, frame)) force_signal(thread, frame, kernel_signal(SIGSEGV));
  // The restored RAX may look like the result of an interrupted call, and is none.
  frame.original_rax = ~u64{0};
  return static_cast<long>(frame.rax);
}

}  // namespace mayfly::kernel
