// Threads, futexes and scheduling.
#include <asm/unistd_64.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/resource.h>

#include "trace/clock_names.h"
#include "trace/structures.h"

namespace mayfly::trace {
namespace {

constexpr Name kCloneFlags[] = {
    MAYFLY_NAME(CLONE_VM),
    MAYFLY_NAME(CLONE_FS),
    MAYFLY_NAME(CLONE_FILES),
    MAYFLY_NAME(CLONE_SIGHAND),
    MAYFLY_NAME(CLONE_PTRACE),
    MAYFLY_NAME(CLONE_VFORK),
    MAYFLY_NAME(CLONE_PARENT),
    MAYFLY_NAME(CLONE_THREAD),
    MAYFLY_NAME(CLONE_NEWNS),
    MAYFLY_NAME(CLONE_SYSVSEM),
    MAYFLY_NAME(CLONE_SETTLS),
    MAYFLY_NAME(CLONE_PARENT_SETTID),
    MAYFLY_NAME(CLONE_CHILD_CLEARTID),
    MAYFLY_NAME(CLONE_DETACHED),
    MAYFLY_NAME(CLONE_UNTRACED),
    MAYFLY_NAME(CLONE_CHILD_SETTID),
    MAYFLY_NAME(CLONE_NEWCGROUP),
    MAYFLY_NAME(CLONE_NEWUTS),
    MAYFLY_NAME(CLONE_NEWIPC),
    MAYFLY_NAME(CLONE_NEWUSER),
    MAYFLY_NAME(CLONE_NEWPID),
    MAYFLY_NAME(CLONE_NEWNET),
    MAYFLY_NAME(CLONE_IO),
};
constexpr Name kFutexOperations[] = {
    MAYFLY_NAME(FUTEX_WAIT),
    MAYFLY_NAME(FUTEX_WAKE),
    MAYFLY_NAME(FUTEX_REQUEUE),
    MAYFLY_NAME(FUTEX_CMP_REQUEUE),
    MAYFLY_NAME(FUTEX_WAKE_OP),
    MAYFLY_NAME(FUTEX_LOCK_PI),
    MAYFLY_NAME(FUTEX_UNLOCK_PI),
    MAYFLY_NAME(FUTEX_TRYLOCK_PI),
    MAYFLY_NAME(FUTEX_WAIT_BITSET),
    MAYFLY_NAME(FUTEX_WAKE_BITSET),
    MAYFLY_NAME(FUTEX_WAIT_REQUEUE_PI),
    MAYFLY_NAME(FUTEX_CMP_REQUEUE_PI),
    MAYFLY_NAME(FUTEX_LOCK_PI2),
};
constexpr Name kPolicies[] = {
    MAYFLY_NAME(SCHED_OTHER), MAYFLY_NAME(SCHED_FIFO), MAYFLY_NAME(SCHED_RR),
    MAYFLY_NAME(SCHED_BATCH), MAYFLY_NAME(SCHED_IDLE), MAYFLY_NAME(SCHED_DEADLINE),
};
constexpr Name kPriorityOf[] = {MAYFLY_NAME(PRIO_PROCESS), MAYFLY_NAME(PRIO_PGRP), MAYFLY_NAME(PRIO_USER)};

constexpr u64 kSignalMask = 0xff;  // of clone's flags: the signal at the end of the child

u64 futex_operation(const Printer& call) {
  return call.argument(1) & FUTEX_CMD_MASK;
}

void print_futex_operation(Printer& out, unsigned index, const Argument&) {
  out.choice(futex_operation(out), kFutexOperations);
  auto modifiers = static_cast<u32>(out.argument(index));
  if ((modifiers & FUTEX_PRIVATE_FLAG) != 0) out.add("_PRIVATE");
  if ((modifiers & FUTEX_CLOCK_REALTIME) != 0) out.add("|FUTEX_CLOCK_REALTIME");
}

bool takes_timeout(u64 operation) {
  switch (operation) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2:
    case FUTEX_WAIT_REQUEUE_PI:
      return true;
    default:
      return false;
  }
}

void add_bitset(Printer& out) {
  auto value = static_cast<u32>(out.argument(5));
  if (value == FUTEX_BITSET_MATCH_ANY) return out.add("FUTEX_BITSET_MATCH_ANY");
  out.format("{:#x}", value);
}

/// The fourth argument is a time for those that wait, a count for those that requeue.
void print_futex_fourth(Printer& out, unsigned index, const Argument& argument) {
  if (futex_operation(out) == FUTEX_WAKE_BITSET) return add_bitset(out);
  if (takes_timeout(futex_operation(out))) return print_timespec(out, index, argument);
  print_decimal(out, index, argument);
}

/// The second futex, which bitset operations do not have: the set takes its place.
void print_futex_fifth(Printer& out, unsigned index, const Argument&) {
  if (futex_operation(out) == FUTEX_WAIT_BITSET) return add_bitset(out);
  out.address(out.argument(index));
}

unsigned futex_arguments(const Printer& call) {
  switch (futex_operation(call)) {
    case FUTEX_WAKE:
      return 3;
    case FUTEX_WAIT:
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2:
    case FUTEX_WAKE_BITSET:
      return 4;
    case FUTEX_UNLOCK_PI:
    case FUTEX_TRYLOCK_PI:
      return 2;
    case FUTEX_REQUEUE:
    case FUTEX_WAIT_BITSET:
      return 5;
    default:
      return 6;
  }
}

void print_clone_flags(Printer& out, unsigned index, const Argument&) {
  u64 value = out.argument(index);
  out.flags(value & ~kSignalMask, kCloneFlags);
  if ((value & kSignalMask) == 0) return;
  out.add("|");
  add_signal(out, value & kSignalMask);
}

void print_clone_request(Printer& out, unsigned index, const Argument&) {
  clone_args request{};
  if (!out.load(out.argument(index), request)) return;
  out.add("{flags=");
  out.flags(request.flags, kCloneFlags);
  out.format(", child_tid={:#x}, parent_tid={:#x}, exit_signal={}, stack={:#x}, stack_size={:#x}, tls={:#x}}}",
             request.child_tid, request.parent_tid, request.exit_signal, request.stack, request.stack_size,
             request.tls);
}

constexpr Argument kCloneFlagsOnly{print_clone_flags};
constexpr Argument kCloneRequest{print_clone_request};

constexpr Signature kSignatures[] = {
    {__NR_clone, {kCloneFlagsOnly, kAddress, kAddress, kAddress, kAddress}},
    {__NR_clone3, {kCloneRequest, kUnsigned}},
    {__NR_fork, {}},
    {__NR_vfork, {}},
    {__NR_execve, {kPath, kAddress, kAddress}},
    {__NR_execveat, {kDirectory, kPath, kAddress, kAddress, kHex}},
    {__NR_futex,
     {kAddress, {print_futex_operation}, kInt, {print_futex_fourth}, {print_futex_fifth}, kHex},
     Result::number,
     futex_arguments},
    {__NR_futex_waitv, {kAddress, kUnsigned, kHex, kTimespec, kClock}},
    {__NR_set_robust_list, {kAddress, kUnsigned}},
    {__NR_get_robust_list, {kInt, kAddress, kAddress}},
    {__NR_sched_yield, {}},
    {__NR_sched_getaffinity, {kInt, kUnsigned, kAddress}},
    {__NR_sched_setaffinity, {kInt, kUnsigned, kAddress}},
    {__NR_getcpu, {kIntResult, kIntResult, kAddress}},
    {__NR_sched_getscheduler, {kInt}},
    {__NR_sched_setscheduler, {kInt, choice(kPolicies), kAddress}},
    {__NR_sched_getparam, {kInt, kIntResult}},
    {__NR_sched_setparam, {kInt, kAddress}},
    {__NR_sched_getattr, {kInt, kAddress, kUnsigned, kHex}},
    {__NR_sched_setattr, {kInt, kAddress, kHex}},
    {__NR_sched_get_priority_max, {choice(kPolicies)}},
    {__NR_sched_get_priority_min, {choice(kPolicies)}},
    {__NR_sched_rr_get_interval, {kInt, kTimespecResult}},
    {__NR_getpriority, {choice(kPriorityOf), kInt}},
    {__NR_setpriority, {choice(kPriorityOf), kInt, kInt}},
    {__NR_ioprio_get, {kInt, kInt}},
    {__NR_ioprio_set, {kInt, kInt, kInt}},
    {__NR_rseq, {kAddress, kHex, kHex, kHex}},
};

}  // namespace

Signatures thread_signatures() {
  return kSignatures;
}

}  // namespace mayfly::trace
