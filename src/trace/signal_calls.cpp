// Signals.
#include <asm/unistd_64.h>
#include <signal.h>

#include "trace/structures.h"

namespace mayfly::trace {
namespace {

constexpr Name kActionFlags[] = {
    {0x04000000, "SA_RESTORER"}, MAYFLY_NAME(SA_ONSTACK), MAYFLY_NAME(SA_RESTART),   MAYFLY_NAME(SA_NODEFER),
    MAYFLY_NAME(SA_RESETHAND),   MAYFLY_NAME(SA_SIGINFO), MAYFLY_NAME(SA_NOCLDSTOP), MAYFLY_NAME(SA_NOCLDWAIT),
};
constexpr Name kHow[] = {MAYFLY_NAME(SIG_BLOCK), MAYFLY_NAME(SIG_UNBLOCK), MAYFLY_NAME(SIG_SETMASK)};
constexpr Name kStackFlags[] = {MAYFLY_NAME(SS_ONSTACK), MAYFLY_NAME(SS_DISABLE), {u64{1} << 31, "SS_AUTODISARM"}};

/// As the kernel takes it, which is not libc's struct sigaction.
struct KernelAction {
  u64 handler;
  u64 flags;
  u64 restorer;
  u64 mask;
};

void print_action(Printer& out, unsigned index, const Argument& argument) {
  if (argument.is_result && !out.succeeded()) return out.address(out.argument(index));
  KernelAction action{};
  if (!out.load(out.argument(index), action)) return;
  out.format("{{{}=", (action.flags & SA_SIGINFO) != 0 ? "sa_sigaction" : "sa_handler");
  if (action.handler == reinterpret_cast<u64>(SIG_DFL)) {
    out.add("SIG_DFL");
  } else if (action.handler == reinterpret_cast<u64>(SIG_IGN)) {
    out.add("SIG_IGN");
  } else {
    out.format("{:#x}", action.handler);
  }
  out.add(", sa_mask=");
  add_signal_set(out, action.mask);
  out.add(", sa_flags=");
  out.flags(static_cast<u32>(action.flags), kActionFlags);
  if (action.restorer != 0) out.format(", sa_restorer={:#x}", action.restorer);
  out.add("}");
}

void print_stack(Printer& out, unsigned index, const Argument& argument) {
  if (argument.is_result && !out.succeeded()) return out.address(out.argument(index));
  stack_t stack{};
  if (!out.load(out.argument(index), stack)) return;
  out.add("{ss_sp=");
  out.address(reinterpret_cast<u64>(stack.ss_sp));
  out.add(", ss_flags=");
  out.flags(static_cast<u32>(stack.ss_flags), kStackFlags);
  out.format(", ss_size={}}}", stack.ss_size);
}

void print_information(Printer& out, unsigned index, const Argument& argument) {
  if (argument.is_result && !out.succeeded()) return out.address(out.argument(index));
  siginfo_t info{};
  if (!out.load(out.argument(index), info)) return;
  out.add("{si_signo=");
  add_signal(out, static_cast<u32>(info.si_signo));
  out.format(", si_code={}, si_pid={}, si_uid={}, ...}}", info.si_code, info.si_pid, info.si_uid);
}

constexpr Argument kAction{print_action};
constexpr Argument kInformation{print_information};
constexpr Argument kStack{print_stack};
constexpr Argument kStackResult = result(print_stack);

constexpr Signature kSignatures[] = {
    {__NR_rt_sigaction, {kSignal, kAction, result(print_action), kUnsigned}},
    {__NR_rt_sigprocmask, {choice(kHow), kSignalSet, kSignalSetResult, kUnsigned}},
    {__NR_rt_sigpending, {kSignalSetResult, kUnsigned}},
    {__NR_rt_sigsuspend, {kSignalSet, kUnsigned}},
    {__NR_rt_sigtimedwait, {kSignalSet, result(print_information), kTimespec, kUnsigned}},
    {__NR_rt_sigreturn, {}},
    {__NR_rt_sigqueueinfo, {kInt, kSignal, kInformation}},
    {__NR_rt_tgsigqueueinfo, {kInt, kInt, kSignal, kInformation}},
    {__NR_sigaltstack, {kStack, kStackResult}},
    {__NR_pause, {}},
    {__NR_kill, {kInt, kSignal}},
    {__NR_tkill, {kInt, kSignal}},
    {__NR_tgkill, {kInt, kInt, kSignal}},
};

}  // namespace

Signatures signal_signatures() {
  return kSignatures;
}

}  // namespace mayfly::trace
