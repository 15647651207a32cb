// Scheduling: one processor, one policy.
#include <linux/ioprio.h>
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
constexpr long kNiceBase = 20;  // getpriority answers 20 - nice

bool exists(Thread& thread, u64 id) {
  auto value = static_cast<u32>(id);
  return value == 0 || thread.process.find_thread(value) != nullptr;
}

bool is_real_time(int policy) {
  return policy == SCHED_FIFO || policy == SCHED_RR;
}
bool is_normal(int policy) {
  return policy == SCHED_NORMAL || policy == SCHED_BATCH || policy == SCHED_IDLE;
}

/// @return 0 for what is in force anyway, -EPERM for real-time policies, -EINVAL
long check_policy(int policy, i32 priority) {
  policy &= ~SCHED_RESET_ON_FORK;
  if (is_real_time(policy)) return priority >= 1 && priority <= kMaxRealTimePriority ? -EPERM : -EINVAL;
  return is_normal(policy) && priority == 0 ? 0 : -EINVAL;
}

}  // namespace

MAYFLY_SYSCALL(sched_yield) {
  thread.yield();
  return 0;
}

MAYFLY_SYSCALL(sched_getaffinity) {
  if (!exists(thread, args[0])) return -ESRCH;
  if (args[1] < sizeof(u64) || args[1] % sizeof(u64) != 0) return -EINVAL;
  // Linux returns the size of its mask: a word, for up to 64 processors.
  return write_user(args[2], kProcessor0) ? static_cast<long>(sizeof(u64)) : -EFAULT;
}

MAYFLY_SYSCALL(sched_setaffinity) {
  if (!exists(thread, args[0])) return -ESRCH;
  u64 mask = 0;
  u64 size = args[1] < sizeof mask ? args[1] : sizeof mask;
  if (!copy_from_user(&mask, args[2], size)) return -EFAULT;
  return (mask & kProcessor0) != 0 ? 0 : -EINVAL;
}

MAYFLY_SYSCALL(getcpu) {
  if (args[0] != 0 && !write_user(args[0], u32{0})) return -EFAULT;
  if (args[1] != 0 && !write_user(args[1], u32{0})) return -EFAULT;
  return 0;
}

MAYFLY_SYSCALL(sched_getscheduler) {
  return exists(thread, args[0]) ? SCHED_NORMAL : -ESRCH;
}

MAYFLY_SYSCALL(sched_getparam) {
  if (!exists(thread, args[0])) return -ESRCH;
  return write_user(args[1], i32{0}) ? 0 : -EFAULT;
}

MAYFLY_SYSCALL(sched_setscheduler) {
  i32 priority = 0;
  if (!exists(thread, args[0])) return -ESRCH;
  return read_user(args[2], priority) ? check_policy(static_cast<int>(args[1]), priority) : -EFAULT;
}

MAYFLY_SYSCALL(sched_setparam) {
  i32 priority = 0;
  if (!exists(thread, args[0])) return -ESRCH;
  return read_user(args[1], priority) ? check_policy(SCHED_NORMAL, priority) : -EFAULT;
}

MAYFLY_SYSCALL(sched_getattr) {
  if (!exists(thread, args[0])) return -ESRCH;
  if (args[2] < SCHED_ATTR_SIZE_VER0 || args[3] != 0) return -EINVAL;
  sched_attr attributes{};
  attributes.size = SCHED_ATTR_SIZE_VER0;
  return copy_to_user(args[1], &attributes, SCHED_ATTR_SIZE_VER0) ? 0 : -EFAULT;
}

MAYFLY_SYSCALL(sched_setattr) {
  sched_attr attributes{};
  if (!exists(thread, args[0])) return -ESRCH;
  if (!copy_from_user(&attributes, args[1], SCHED_ATTR_SIZE_VER0)) return -EFAULT;
  return check_policy(static_cast<int>(attributes.sched_policy), static_cast<i32>(attributes.sched_priority));
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
  if (!exists(thread, args[0])) return -ESRCH;
  return write_timespec(args[1], kTimeSliceNs) ? 0 : -EFAULT;
}

MAYFLY_SYSCALL(getpriority) {
  return kNiceBase;
}
/// Being nicer is of no consequence to a program that is alone; going ahead of others needs privilege.
MAYFLY_SYSCALL(setpriority) {
  return static_cast<i32>(args[2]) < 0 ? -EACCES : 0;
}

MAYFLY_SYSCALL(ioprio_get) {
  return IOPRIO_PRIO_VALUE(IOPRIO_CLASS_NONE, 0);
}
MAYFLY_SYSCALL(ioprio_set) {
  return 0;
}

}  // namespace mayfly::kernel
