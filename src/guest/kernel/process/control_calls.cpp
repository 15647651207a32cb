// prctl and its kin: attributes of threads and of the process.
#include <asm/prctl.h>
#include <linux/capability.h>
#include <linux/membarrier.h>
#include <linux/prctl.h>

#include <cstring>

#include "guest/kernel/arch/cpu.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

constexpr long kTimerSlackNs = 50'000;
constexpr u64 kNonCanonical = u64{1} << 47;

long set_name(Thread& thread, UserAddress address) {
  char name[sizeof thread.name] = {};
  long length = copy_string_from_user(name, address, sizeof name - 1);
  if (length == -EFAULT) return length;
  name[sizeof name - 1] = '\0';
  std::memcpy(thread.name, name, sizeof name);
  if (thread.id == thread.process.leader_id) std::memcpy(thread.process.name, name, sizeof name);
  return 0;
}

/// Linux's process-wide answers for prctl, where the answer is a constant.
long constant_attribute(int operation, u64 argument) {
  switch (operation) {
    case PR_GET_DUMPABLE:
      return 1;
    case PR_GET_TIMERSLACK:
      return kTimerSlackNs;
    case PR_GET_NO_NEW_PRIVS:
      return 1;
    case PR_SET_NO_NEW_PRIVS:
      return argument == 1 ? 0 : -EINVAL;
    case PR_CAPBSET_READ:
      return argument <= CAP_LAST_CAP ? 0 : -EINVAL;
    case PR_GET_SECCOMP:
    case PR_GET_KEEPCAPS:
    case PR_GET_THP_DISABLE:
    // There is no parent, no core dump and no tracer that these could matter to.
    case PR_SET_PDEATHSIG:
    case PR_SET_DUMPABLE:
    case PR_SET_KEEPCAPS:
    case PR_SET_TIMERSLACK:
    case PR_SET_CHILD_SUBREAPER:
    case PR_SET_THP_DISABLE:
    case PR_SET_PTRACER:
    case PR_SET_VMA:
      return 0;
    default:
      return -EINVAL;
  }
}

}  // namespace

MAYFLY_SYSCALL(prctl) {
  auto operation = static_cast<int>(args[0]);
  switch (operation) {
    case PR_SET_NAME:
      return set_name(thread, args[1]);
    case PR_GET_NAME:
      return write_user(args[1], thread.name) ? 0 : -EFAULT;
    case PR_GET_PDEATHSIG:
    case PR_GET_CHILD_SUBREAPER:
      return write_user(args[1], i32{0}) ? 0 : -EFAULT;
    default:
      return constant_attribute(operation, args[1]);
  }
}

MAYFLY_SYSCALL(arch_prctl) {
  u64 address = args[1];
  switch (args[0]) {
    case ARCH_SET_FS:
      if (address >= kNonCanonical) return -EPERM;
      arch::set_fs_base(address);
      return 0;
    case ARCH_SET_GS:
      if (address >= kNonCanonical) return -EPERM;
      arch::set_gs_base(address);
      return 0;
    case ARCH_GET_FS:
      return write_user(address, arch::fs_base()) ? 0 : -EFAULT;
    case ARCH_GET_GS:
      return write_user(address, arch::gs_base()) ? 0 : -EFAULT;
    default:
      return -EINVAL;
  }
}

/// No capability at all, whoever the user is: nothing here needs one.
MAYFLY_SYSCALL(capget) {
  __user_cap_header_struct header{};
  if (!read_user(args[0], header)) return -EFAULT;
  if (header.version != _LINUX_CAPABILITY_VERSION_3) {
    header.version = _LINUX_CAPABILITY_VERSION_3;
    if (!write_user(args[0], header)) return -EFAULT;
    return args[1] == 0 ? 0 : -EINVAL;
  }
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  return args[1] == 0 || write_user(args[1], data) ? 0 : -EFAULT;
}

MAYFLY_SYSCALL(capset) {
  return -EPERM;
}

/// One processor: its own order is everybody's.
MAYFLY_SYSCALL(membarrier) {
  constexpr long kSupported = MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED |
                              MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED |
                              MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE |
                              MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE;
  auto command = static_cast<i32>(args[0]);
  if (args[1] != 0) return -EINVAL;
  if (command == MEMBARRIER_CMD_QUERY) return kSupported;
  bool is_one_known = (command & (command - 1)) == 0 && (command & kSupported) != 0;
  return is_one_known ? 0 : -EINVAL;
}

/// Flags of other systems' personalities are remembered nowhere and change nothing.
MAYFLY_SYSCALL(personality) {
  return 0;
}

}  // namespace mayfly::kernel
