// Scheduling: one processor, one policy.
#include <linux/ioprio.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/sched/types.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/syscall.h"
#include "guest/kernel/process/timespec.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kProcessor0 = 1;
constexpr int kMaxRealTimePriority = 99;
constexpr u64 kTimeSliceNs = 4'000'000;
constexpr i32 kLowestNice = -20;
constexpr i32 kHighestNice = 19;

/// The thread with this id, the caller for 0. @return null if there is none
Thread* find(Thread& caller, u64 argument) {
  auto id = static_cast<u32>(argument);
  return id == 0 ? &caller : caller.process.find_thread(id);
}

bool is_negative(u64 id) {
  return static_cast<i32>(id) < 0;
}

bool is_real_time(int policy) {
  return policy == SCHED_FIFO || policy == SCHED_RR;
}
bool is_normal(int policy) {
  return policy == SCHED_NORMAL || policy == SCHED_BATCH || policy == SCHED_IDLE;
}

/// @return 0, -EPERM for real-time policies, which need privilege, or -EINVAL
long check_policy(int policy, u32 priority) {
  if (is_real_time(policy)) return priority >= 1 && priority <= kMaxRealTimePriority ? -EPERM : -EINVAL;
  if (policy == SCHED_DEADLINE) return -EPERM;
  return is_normal(policy) && priority == 0 ? 0 : -EINVAL;
}

/// Setting what cannot be without privilege fails: a lower nice value, as RLIMIT_NICE is 0.
long set_nice(Thread& thread, i32 nice, long error) {
  if (nice < kLowestNice) nice = kLowestNice;
  if (nice > kHighestNice) nice = kHighestNice;
  if (nice < thread.policy.nice) return error;
  thread.policy.nice = nice;
  return 0;
}

}  // namespace

MAYFLY_SYSCALL(sched_yield) {
  thread.yield();
  return 0;
}

MAYFLY_SYSCALL(sched_getaffinity) {
  if (args[1] < sizeof(u64) || args[1] % sizeof(u64) != 0) return -EINVAL;
  if (find(thread, args[0]) == nullptr) return -ESRCH;
  // Linux returns the size of its mask: a word, for up to 64 processors.
  return write_user(args[2], kProcessor0) ? static_cast<long>(sizeof(u64)) : -EFAULT;
}

MAYFLY_SYSCALL(sched_setaffinity) {
  u64 mask = 0;
  u64 size = args[1] < sizeof mask ? args[1] : sizeof mask;
  if (!copy_from_user(&mask, args[2], size)) return -EFAULT;
  if (find(thread, args[0]) == nullptr) return -ESRCH;
  return (mask & kProcessor0) != 0 ? 0 : -EINVAL;
}

MAYFLY_SYSCALL(getcpu) {
  if (args[0] != 0 && !write_user(args[0], u32{0})) return -EFAULT;
  if (args[1] != 0 && !write_user(args[1], u32{0})) return -EFAULT;
  return 0;
}

MAYFLY_SYSCALL(sched_getscheduler) {
  if (is_negative(args[0])) return -EINVAL;
  Thread* target = find(thread, args[0]);
  if (target == nullptr) return -ESRCH;
  return target->policy.policy | (target->policy.reset_on_fork ? SCHED_RESET_ON_FORK : 0);
}

MAYFLY_SYSCALL(sched_getparam) {
  if (is_negative(args[0]) || args[1] == 0) return -EINVAL;
  if (find(thread, args[0]) == nullptr) return -ESRCH;
  return write_user(args[1], i32{0}) ? 0 : -EFAULT;
}

MAYFLY_SYSCALL(sched_setscheduler) {
  u32 priority = 0;
  if (is_negative(args[0]) || is_negative(args[1]) || args[2] == 0) return -EINVAL;
  if (!read_user(args[2], priority)) return -EFAULT;
  Thread* target = find(thread, args[0]);
  if (target == nullptr) return -ESRCH;
  int policy = static_cast<int>(args[1]) & ~SCHED_RESET_ON_FORK;
  if (long error = check_policy(policy, priority); error != 0) return error;
  target->policy.policy = policy;
  target->policy.reset_on_fork = (args[1] & SCHED_RESET_ON_FORK) != 0;
  return 0;
}

MAYFLY_SYSCALL(sched_setparam) {
  u32 priority = 0;
  if (is_negative(args[0]) || args[1] == 0) return -EINVAL;
  if (!read_user(args[1], priority)) return -EFAULT;
  Thread* target = find(thread, args[0]);
  return target == nullptr ? -ESRCH : check_policy(target->policy.policy, priority);
}

MAYFLY_SYSCALL(sched_getattr) {
  if (is_negative(args[0]) || args[1] == 0 || args[3] != 0) return -EINVAL;
  if (args[2] < SCHED_ATTR_SIZE_VER0 || args[2] > abi::kPageSize) return -EINVAL;
  Thread* target = find(thread, args[0]);
  if (target == nullptr) return -ESRCH;
  sched_attr attributes{};
  u64 size = args[2] < sizeof attributes ? args[2] : sizeof attributes;
  attributes.size = static_cast<u32>(size);
  attributes.sched_policy = static_cast<u32>(target->policy.policy);
  attributes.sched_nice = target->policy.nice;
  if (target->policy.reset_on_fork) attributes.sched_flags = SCHED_FLAG_RESET_ON_FORK;
  return copy_to_user(args[1], &attributes, size) ? 0 : -EFAULT;
}

MAYFLY_SYSCALL(sched_setattr) {
  sched_attr attributes{};
  u32 size = 0;
  if (is_negative(args[0]) || args[1] == 0 || args[2] != 0) return -EINVAL;
  if (!read_user(args[1], size)) return -EFAULT;
  if (size == 0) size = SCHED_ATTR_SIZE_VER0;
  if (size < SCHED_ATTR_SIZE_VER0 || size > abi::kPageSize) return -E2BIG;
  if (long error = read_extensible(args[1], size, &attributes, sizeof attributes); error != 0) return error;
  auto policy = static_cast<int>(attributes.sched_policy);
  if (policy < 0 || (attributes.sched_flags & ~u64{SCHED_FLAG_RESET_ON_FORK}) != 0) return -EINVAL;
  Thread* target = find(thread, args[0]);
  if (target == nullptr) return -ESRCH;
  if (long error = check_policy(policy, attributes.sched_priority); error != 0) return error;
  if (long error = set_nice(*target, attributes.sched_nice, -EPERM); error != 0) return error;
  target->policy.policy = policy;
  target->policy.reset_on_fork = (attributes.sched_flags & SCHED_FLAG_RESET_ON_FORK) != 0;
  return 0;
}

MAYFLY_SYSCALL(sched_get_priority_max) {
  auto policy = static_cast<int>(args[0]);
  if (is_real_time(policy)) return kMaxRealTimePriority;
  return is_normal(policy) ? 0 : -EINVAL;
}

MAYFLY_SYSCALL(sched_get_priority_min) {
  auto policy = static_cast<int>(args[0]);
  if (is_real_time(policy)) return 1;
  return is_normal(policy) ? 0 : -EINVAL;
}

MAYFLY_SYSCALL(sched_rr_get_interval) {
  if (is_negative(args[0])) return -EINVAL;
  if (find(thread, args[0]) == nullptr) return -ESRCH;
  return write_timespec(args[1], kTimeSliceNs) ? 0 : -EFAULT;
}

namespace {

/// Whom getpriority and setpriority mean: a thread, or with its process group or user all of them, here the caller's.
/// @return 0, -EINVAL or -ESRCH
long find_by_kind(Thread& thread, const SyscallArgs& args, Thread*& target) {
  auto id = static_cast<u32>(args[1]);
  const Process& process = thread.process;
  target = &thread;
  switch (static_cast<int>(args[0])) {
    case PRIO_PROCESS:
      target = find(thread, id);
      return target == nullptr ? -ESRCH : 0;
    case PRIO_PGRP:
      return id == 0 || id == process.id || id == process.leader_id ? 0 : -ESRCH;
    case PRIO_USER:
      return id == 0 || id == process.credentials.real_user ? 0 : -ESRCH;
    default:
      return -EINVAL;
  }
}

}  // namespace

MAYFLY_SYSCALL(getpriority) {
  Thread* target = nullptr;
  if (long error = find_by_kind(thread, args, target); error != 0) return error;
  constexpr i32 kBase = 20;
  return kBase - target->policy.nice;
}

MAYFLY_SYSCALL(setpriority) {
  Thread* target = nullptr;
  if (long error = find_by_kind(thread, args, target); error != 0) return error;
  return set_nice(*target, static_cast<i32>(args[2]), -EACCES);
}

MAYFLY_SYSCALL(ioprio_get) {
  return IOPRIO_PRIO_VALUE(IOPRIO_CLASS_NONE, 0);
}
MAYFLY_SYSCALL(ioprio_set) {
  return 0;
}

}  // namespace mayfly::kernel
