#include "guest/kernel/signal/send.h"

#include <asm/siginfo.h>
#include <asm/signal.h>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/signal/deliver.h"

namespace mayfly::kernel {
namespace {

constexpr SignalSet default_ignored() {
  SignalSet set;
  for (int signal : {SIGCHLD, SIGCONT, SIGURG, SIGWINCH}) set.add(signal);
  return set;
}
constexpr SignalSet default_stopping() {
  SignalSet set;
  for (int signal : {SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU}) set.add(signal);
  return set;
}

/// A program that stopped could not be told to go on: nobody outside can send it a signal.
void report_stopping(const Process& process, int signal) {
  bool stops = default_stopping().has(signal) && process.actions.get(signal).handler == reinterpret_cast<u64>(SIG_DFL);
  if (stops) report(abi::ReportKind::unsupported, "SIGSTOP and its kin: a program in a machine goes on running");
}

/// The thread that is to take a signal of the process: the running one if it can, else one that waits, else any.
Thread* choose_thread(Process& process, int signal) {
  Thread* running = process.kernel.scheduler.current();
  if (running != nullptr && &running->process == &process && running->state == Thread::State::runnable &&
      !running->blocked_signals.has(signal)) {
    return running;
  }
  Thread* chosen = nullptr;
  for (Thread* thread = process.threads.front(); thread != nullptr; thread = process.threads.next(*thread)) {
    if (thread->blocked_signals.has(signal)) continue;
    if (thread->state == Thread::State::blocked) return thread;
    if (chosen == nullptr) chosen = thread;
  }
  return chosen;
}

bool is_blocked_everywhere(Process& process, int signal) {
  for (Thread* thread = process.threads.front(); thread != nullptr; thread = process.threads.next(*thread)) {
    if (!thread->blocked_signals.has(signal)) return false;
  }
  return true;
}

}  // namespace

bool is_ignored(const Process& process, int signal) {
  u64 handler = process.actions.get(signal).handler;
  if (handler == reinterpret_cast<u64>(SIG_IGN)) return true;
  return handler == reinterpret_cast<u64>(SIG_DFL) && (default_ignored() | default_stopping()).has(signal);
}

SignalInfo kernel_signal(int signal) {
  SignalInfo info;
  info.number = signal;
  info.code = SI_KERNEL;
  return info;
}

int take_signal(Thread& thread, SignalSet wanted, SignalInfo& info) {
  Process& process = thread.process;
  int signal = thread.pending_signals.take(wanted, info);
  if (signal == 0) signal = process.pending_signals.take(wanted, info);
  if (signal != 0 && info.code == SI_TIMER) {
    auto id = static_cast<u32>(info.timer.id);
    SignalTimer* timer = id < Process::kMaxTimers ? process.posix_timers[id] : nullptr;
    if (timer != nullptr) timer->delivered(info);
  }
  return signal;
}

long send_to_thread(Thread& thread, const SignalInfo& info) {
  // A blocked signal stays pending although it is ignored now: sigwait may take it, or the action may change.
  if (is_ignored(thread.process, info.number) && !thread.blocked_signals.has(info.number)) {
    report_stopping(thread.process, info.number);
    return 0;
  }
  if (!thread.pending_signals.add(info)) return -EAGAIN;
  thread.process.signal_watchers.wake();
  if (!thread.blocked_signals.has(info.number)) thread.wake_up(kRestart);
  return 0;
}

long Process::send_signal(const SignalInfo& info) {
  if (is_ignored(*this, info.number) && !is_blocked_everywhere(*this, info.number)) {
    report_stopping(*this, info.number);
    return 0;
  }
  if (!pending_signals.add(info)) return -EAGAIN;
  signal_watchers.wake();
  Thread* target = choose_thread(*this, info.number);
  if (target != nullptr) target->wake_up(kRestart);
  return 0;
}

}  // namespace mayfly::kernel
