// New threads. New processes are refused.
#include <linux/sched.h>

#include <cstring>

#include "guest/kernel/arch/cpu.h"
#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/format.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/call_report.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

struct CloneRequest {
  u64 flags;
  u64 stack_pointer;  ///< 0: the caller's
  UserAddress parent_tid;
  UserAddress child_tid;
  u64 tls;
};

constexpr u64 kReportBytes = 480;  // of which the host takes 512

constexpr u64 kThreadFlags = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD;

/// What may come with a thread. All threads share files, file system attributes and the rest in any case.
constexpr u64 kSupportedFlags = kThreadFlags | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_SETTLS |
                                CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | CLONE_DETACHED |
                                CLONE_IO | CLONE_UNTRACED | CLONE_PTRACE;

constexpr u64 kNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                            CLONE_NEWNET | CLONE_NEWTIME;

/// Says who wanted a child, and how to live without.
long refuse_process(const Thread& thread, const char* call) {
  Text<kReportBytes> text;
  text.append(call).append(" by ").append(thread.process.executable);
  text.append(
      ": a machine runs one process, children are planned; until then set the program to work in one (no daemon, no "
      "worker processes), or start what it wants to run as a server of its own");
  report_call(thread, abi::ReportKind::unsupported, text.c_str());
  return -ENOSYS;
}

long check(const Thread& thread, u64 flags, const char* call) {
  if ((flags & CLONE_SIGHAND) != 0 && (flags & CLONE_VM) == 0) return -EINVAL;
  if ((flags & CLONE_THREAD) != 0 && (flags & CLONE_SIGHAND) == 0) return -EINVAL;
  if ((flags & CLONE_FS) != 0 && (flags & (CLONE_NEWNS | CLONE_NEWUSER)) != 0) return -EINVAL;
  if ((flags & CLONE_THREAD) != 0 && (flags & (CLONE_NEWUSER | CLONE_NEWPID | CLONE_PIDFD)) != 0) return -EINVAL;
  if ((flags & kNamespaces) != 0) return -EPERM;
  if ((flags & CLONE_THREAD) == 0) {
    bool is_vfork = (flags & (CLONE_VM | CLONE_VFORK)) == (CLONE_VM | CLONE_VFORK);
    return refuse_process(thread, is_vfork ? "vfork or posix_spawn" : call);
  }
  if ((flags & (CLONE_FS | CLONE_FILES)) != (CLONE_FS | CLONE_FILES) || (flags & ~kSupportedFlags) != 0) {
    report_call(thread, abi::ReportKind::unsupported, "clone of a thread that does not share its files");
    return -EINVAL;
  }
  return 0;
}

void inherit(Thread& parent, Thread& child) {
  std::memcpy(child.name, parent.name, sizeof child.name);
  child.blocked_signals = parent.blocked_signals;
  child.fair_time_ns = parent.fair_time_ns;
  child.policy = parent.policy.reset_on_fork ? SchedulingPolicy{} : parent.policy;
  child.timer_slack_ns = parent.timer_slack_ns;
  child.fs_base = arch::fs_base();
  child.gs_base = arch::gs_base();
  arch::copy_extended_state(child);
  child.frame() = parent.frame();
  child.frame().rax = 0;
}

long clone_thread(Thread& parent, const CloneRequest& request) {
  if (long error = check(parent, request.flags, "fork"); error != 0) return error;
  Kernel& kernel = parent.kernel;
  Thread* child = parent.process.create_thread(kernel.next_thread_id());
  if (child == nullptr) return -EAGAIN;
  inherit(parent, *child);
  if (request.stack_pointer != 0) child->frame().rsp = request.stack_pointer;
  if ((request.flags & CLONE_SETTLS) != 0) child->fs_base = request.tls;
  if ((request.flags & CLONE_CHILD_CLEARTID) != 0) child->clear_child_tid = request.child_tid;
  // Addresses that cannot be written are no reason to fail, as on Linux.
  if ((request.flags & CLONE_PARENT_SETTID) != 0) (void)write_user(request.parent_tid, child->id);
  if ((request.flags & CLONE_CHILD_SETTID) != 0) (void)write_user(request.child_tid, child->id);
  arch::prepare_user_entry(*child);
  kernel.scheduler.enqueue(*child);
  return child->id;
}

}  // namespace

MAYFLY_SYSCALL(clone) {
  // The low byte is the signal for the parent of a process.
  return clone_thread(thread, {args[0] & ~u64{CSIGNAL}, args[1], args[2], args[3], args[4]});
}

MAYFLY_SYSCALL(clone3) {
  clone_args request{};
  if (args[1] < CLONE_ARGS_SIZE_VER0) return -EINVAL;
  if (args[1] > abi::kPageSize) return -E2BIG;
  if (long error = read_extensible(args[0], args[1], &request, sizeof request); error != 0) return error;
  constexpr u64 kOnlyClone3 = CLONE_CLEAR_SIGHAND | CLONE_INTO_CGROUP;
  constexpr u64 kOfClone = 0xffff'ffff & ~u64{CSIGNAL};
  u64 flags = request.flags;
  if ((flags & ~(kOfClone | kOnlyClone3 | CLONE_NEWTIME)) != 0 || (flags & CLONE_DETACHED) != 0) return -EINVAL;
  if ((flags & CLONE_CLEAR_SIGHAND) != 0 && (flags & CLONE_SIGHAND) != 0) return -EINVAL;
  if (request.exit_signal > kSignals || (request.set_tid == 0) != (request.set_tid_size == 0)) return -EINVAL;
  if (request.set_tid_size != 0) return -EPERM;
  if ((request.stack == 0) != (request.stack_size == 0)) return -EINVAL;
  if ((flags & (CLONE_THREAD | CLONE_PARENT)) != 0 && request.exit_signal != 0) return -EINVAL;
  u64 stack_pointer = request.stack + request.stack_size;
  return clone_thread(thread, {flags, stack_pointer, request.parent_tid, request.child_tid, request.tls});
}

MAYFLY_SYSCALL(fork) {
  return check(thread, 0, "fork");
}

MAYFLY_SYSCALL(vfork) {
  return check(thread, CLONE_VFORK | CLONE_VM, "vfork");
}

namespace {

/// Names the program that was to be run.
long refuse_exec(const Thread& thread, UserAddress path) {
  Text<kReportBytes> text;
  char name[kReportBytes / 2];
  long length = copy_string_from_user(name, path, sizeof name - 1);
  if (length == -EFAULT) return length;
  name[sizeof name - 1] = '\0';
  text.append("execve of ").append(name);
  text.append(": a machine runs the program that it was started with; start this one by 'mayfly run --' instead");
  report_call(thread, abi::ReportKind::unsupported, text.c_str());
  return -ENOSYS;
}

}  // namespace

MAYFLY_SYSCALL(execve) {
  return refuse_exec(thread, args[0]);
}

MAYFLY_SYSCALL(execveat) {
  return refuse_exec(thread, args[1]);
}

}  // namespace mayfly::kernel
