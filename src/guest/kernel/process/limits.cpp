#include "guest/kernel/process/limits.h"

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kUnlimited = ~u64{0};

/// The limits of process `id`, which can only be this one.
long check_process(const Process& process, u64 id) {
  auto value = static_cast<u32>(id);
  return value == 0 || value == process.id || value == process.leader_id ? 0 : -ESRCH;
}

long exchange(Process& process, u32 resource, UserAddress wanted, UserAddress old) {
  if (resource >= ResourceLimits::kCount) return -EINVAL;
  ResourceLimit limit{};
  if (wanted != 0 && !read_user(wanted, limit)) return -EFAULT;
  ResourceLimit before = process.limits.get(resource);
  if (wanted != 0) {
    if (long error = process.limits.set(process, resource, limit); error != 0) return error;
  }
  return old != 0 && !write_user(old, before) ? -EFAULT : 0;
}

}  // namespace

ResourceLimits::ResourceLimits() {
  for (ResourceLimit& limit : limits_) limit = {kUnlimited, kUnlimited};
  limits_[RLIMIT_STACK] = {abi::kStackSize, kUnlimited};
  limits_[RLIMIT_CORE] = {0, kUnlimited};
  limits_[RLIMIT_NPROC] = {kMaxThreads, kMaxThreads};
  limits_[RLIMIT_NOFILE] = {FdTable::kMaxDescriptors, FdTable::kMaxDescriptors};
  limits_[RLIMIT_MEMLOCK] = {8 << 20, 8 << 20};
  limits_[RLIMIT_SIGPENDING] = {kMaxThreads, kMaxThreads};
  limits_[RLIMIT_MSGQUEUE] = {0, 0};
  limits_[RLIMIT_NICE] = {0, 0};
  limits_[RLIMIT_RTPRIO] = {0, 0};
}

long ResourceLimits::set(Process& process, u32 resource, const ResourceLimit& limit) {
  if (limit.soft > limit.hard) return -EINVAL;
  if (limit.hard > limits_[resource].hard) return -EPERM;
  limits_[resource] = limit;
  if (resource == RLIMIT_NOFILE) process.files.set_limit(static_cast<u32>(limit.soft));
  return 0;
}

MAYFLY_SYSCALL(getrlimit) {
  return exchange(thread.process, static_cast<u32>(args[0]), 0, args[1]);
}

MAYFLY_SYSCALL(setrlimit) {
  return exchange(thread.process, static_cast<u32>(args[0]), args[1], 0);
}

MAYFLY_SYSCALL(prlimit64) {
  if (long error = check_process(thread.process, args[0]); error != 0) return error;
  return exchange(thread.process, static_cast<u32>(args[1]), args[2], args[3]);
}

}  // namespace mayfly::kernel
