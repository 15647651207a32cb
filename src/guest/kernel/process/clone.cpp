// New threads. New processes are refused.
#include <linux/sched.h>

#include <cstring>

#include "guest/kernel/arch/cpu.h"
#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"
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

constexpr u64 kThreadFlags = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD;

/// What may come with a thread. All threads share files, file system attributes and the rest in any case.
constexpr u64 kSupportedFlags = kThreadFlags | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_SETTLS |
                                CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | CLONE_DETACHED |
                                CLONE_IO | CLONE_UNTRACED | CLONE_PTRACE;

long check(u64 flags) {
  if ((flags & CLONE_SIGHAND) != 0 && (flags & CLONE_VM) == 0) return -EINVAL;
  if ((flags & CLONE_THREAD) != 0 && (flags & CLONE_SIGHAND) == 0) return -EINVAL;
  if ((flags & CLONE_THREAD) == 0) {
    report(abi::ReportKind::unsupported, "fork, vfork or posix_spawn: a machine runs one process");
    return -ENOSYS;
  }
  if ((flags & (CLONE_FS | CLONE_FILES)) != (CLONE_FS | CLONE_FILES) || (flags & ~kSupportedFlags) != 0) {
    report(abi::ReportKind::unsupported, "clone of a thread that does not share its files");
    return -EINVAL;
  }
  return 0;
}

void inherit(Thread& parent, Thread& child) {
  std::memcpy(child.name, parent.name, sizeof child.name);
  child.blocked_signals = parent.blocked_signals;
  child.fs_base = arch::fs_base();
  child.gs_base = arch::gs_base();
  arch::copy_extended_state(child);
  child.frame() = parent.frame();
  child.frame().rax = 0;
}

long clone_thread(Thread& parent, const CloneRequest& request) {
  if (long error = check(request.flags); error != 0) return error;
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
  u64 known = args[1] < sizeof request ? args[1] : sizeof request;
  if (!copy_from_user(&request, args[0], known)) return -EFAULT;
  if (request.set_tid_size != 0) return -EPERM;
  if ((request.stack == 0) != (request.stack_size == 0)) return -EINVAL;
  if ((request.flags & CLONE_THREAD) != 0 && request.exit_signal != 0) return -EINVAL;
  u64 stack_pointer = request.stack + request.stack_size;
  return clone_thread(thread, {request.flags, stack_pointer, request.parent_tid, request.child_tid, request.tls});
}

MAYFLY_SYSCALL(fork) {
  return check(0);
}

MAYFLY_SYSCALL(vfork) {
  return check(CLONE_VFORK | CLONE_VM);
}

MAYFLY_SYSCALL(execve) {
  report(abi::ReportKind::unsupported, "execve: a machine runs one program");
  return -ENOSYS;
}

MAYFLY_SYSCALL(execveat) {
  return sys_execve(thread, args);
}

}  // namespace mayfly::kernel
