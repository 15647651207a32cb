// prctl and its kin: attributes of threads and of the process.
#include <asm/prctl.h>
#include <linux/capability.h>
#include <linux/membarrier.h>
#include <linux/prctl.h>

#include <cstring>

#include "guest/kernel/arch/cpu.h"
#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/format.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/call_report.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

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

long set_flag(bool& flag, u64 value) {
  if (value > 1) return -EINVAL;
  flag = value == 1;
  return 0;
}

long set_death_signal(ProcessAttributes& attributes, u64 signal) {
  if (signal > kSignals) return -EINVAL;
  attributes.parent_death_signal = static_cast<i32>(signal);
  return 0;
}

long set_no_new_privileges(ProcessAttributes& attributes, const SyscallArgs& args) {
  if (args[1] != 1 || args[2] != 0 || args[3] != 0 || args[4] != 0) return -EINVAL;
  attributes.no_new_privileges = true;
  return 0;
}

/// The kernel would show the name in maps; it is checked, and forgotten.
long set_area_name(const SyscallArgs& args) {
  constexpr u64 kNameBytes = 80;
  if (args[1] != PR_SET_VMA_ANON_NAME || args[2] % abi::kPageSize != 0) return -EINVAL;
  if (args[4] == 0) return 0;
  char name[kNameBytes];
  long length = copy_string_from_user(name, args[4], sizeof name);
  if (length == -EFAULT) return length;
  if (length < 0) return -EINVAL;
  for (long i = 0; i < length; ++i) {
    bool is_printable = name[i] >= ' ' && name[i] <= '~';
    if (!is_printable || std::strchr("\\`$[]", name[i]) != nullptr) return -EINVAL;
  }
  return 0;
}

long bounding_set(Process& process, int operation, u64 capability) {
  if (capability > CAP_LAST_CAP) return -EINVAL;
  Capabilities bit = Capabilities{1} << capability;
  Capabilities& bounding = process.credentials.bounding;
  if (operation == PR_CAPBSET_READ) return (bounding & bit) != 0 ? 1 : 0;
  if (!is_capable(process, CAP_SETPCAP)) return -EPERM;
  bounding &= ~bit;
  return 0;
}

long unknown_operation(const Thread& thread, int operation) {
  Text<64> text;
  text.append("prctl with operation ").append_number(static_cast<u32>(operation));
  report_call(thread, abi::ReportKind::unsupported, text.c_str());
  return -EINVAL;
}

long get_attribute(Thread& thread, int operation, const SyscallArgs& args) {
  const ProcessAttributes& attributes = thread.process.attributes;
  switch (operation) {
    case PR_GET_NAME:
      return write_user(args[1], thread.name) ? 0 : -EFAULT;
    case PR_GET_PDEATHSIG:
      return write_user(args[1], attributes.parent_death_signal) ? 0 : -EFAULT;
    case PR_GET_CHILD_SUBREAPER:
      return write_user(args[1], i32{attributes.child_subreaper}) ? 0 : -EFAULT;
    case PR_GET_TID_ADDRESS:
      return write_user(args[1], thread.clear_child_tid) ? 0 : -EFAULT;
    case PR_GET_TSC:
      return write_user(args[1], i32{PR_TSC_ENABLE}) ? 0 : -EFAULT;
    case PR_GET_DUMPABLE:
      return attributes.dumpable ? 1 : 0;
    case PR_GET_KEEPCAPS:
      return attributes.keep_capabilities ? 1 : 0;
    case PR_GET_TIMERSLACK:
      return static_cast<long>(thread.timer_slack_ns);
    case PR_GET_NO_NEW_PRIVS:
      return args[1] == 0 && args[2] == 0 && args[3] == 0 && args[4] == 0 ? attributes.no_new_privileges : -EINVAL;
    case PR_GET_THP_DISABLE:
      return args[1] == 0 && args[2] == 0 && args[3] == 0 && args[4] == 0 ? attributes.huge_pages_disabled : -EINVAL;
    case PR_GET_SECCOMP:
    case PR_GET_SECUREBITS:
    case PR_GET_TIMING:
      return 0;
    default:
      return unknown_operation(thread, operation);
  }
}

}  // namespace

MAYFLY_SYSCALL(prctl) {
  auto operation = static_cast<int>(args[0]);
  Process& process = thread.process;
  ProcessAttributes& attributes = process.attributes;
  switch (operation) {
    case PR_SET_NAME:
      return set_name(thread, args[1]);
    case PR_SET_PDEATHSIG:
      return set_death_signal(attributes, args[1]);
    case PR_SET_DUMPABLE:
      return set_flag(attributes.dumpable, args[1]);
    case PR_SET_KEEPCAPS:
      return set_flag(attributes.keep_capabilities, args[1]);
    case PR_SET_CHILD_SUBREAPER:
      attributes.child_subreaper = args[1] != 0;
      return 0;
    case PR_SET_THP_DISABLE:
      if (args[2] != 0 || args[3] != 0 || args[4] != 0) return -EINVAL;
      attributes.huge_pages_disabled = args[1] != 0;
      return 0;
    case PR_SET_TIMERSLACK:
      thread.timer_slack_ns = static_cast<i64>(args[1]) <= 0 ? kDefaultTimerSlackNs : args[1];
      return 0;
    case PR_SET_NO_NEW_PRIVS:
      return set_no_new_privileges(attributes, args);
    case PR_SET_VMA:
      return set_area_name(args);
    case PR_CAPBSET_READ:
    case PR_CAPBSET_DROP:
      return bounding_set(process, operation, args[1]);
    case PR_SET_TSC:
      return args[1] == PR_TSC_ENABLE ? 0 : -EINVAL;
    case PR_SET_TIMING:
      return args[1] == 0 ? 0 : -EINVAL;
    // No tracer to be allowed, no filter to be set.
    case PR_SET_PTRACER:
      return 0;
    case PR_SET_SECCOMP:
      return -EINVAL;
    default:
      return get_attribute(thread, operation, args);
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
    // Faulting on the cpuid instruction is not to be had.
    case ARCH_GET_CPUID:
      return 1;
    case ARCH_SET_CPUID:
      return -ENODEV;
    default:
      return -EINVAL;
  }
}

/// One processor: its own order is everybody's. A thread that goes on has been through iretq, which serialises the
/// instruction stream, and its restartable sequence was aborted when it had to give way.
MAYFLY_SYSCALL(membarrier) {
  constexpr u32 kRegistrations = MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED | MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED |
                                 MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE |
                                 MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ;
  // Each may be used once its registration, the next higher bit, has been made.
  constexpr u32 kRegistered = MEMBARRIER_CMD_PRIVATE_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE |
                              MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ;
  constexpr u32 kFree = MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED;
  auto command = static_cast<u32>(args[0]);
  bool takes_flag = command == MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ;
  if (args[1] != 0 && !(takes_flag && args[1] == MEMBARRIER_CMD_FLAG_CPU)) return -EINVAL;
  if (command == MEMBARRIER_CMD_QUERY) return kFree | kRegistered | kRegistrations;
  if ((command & (command - 1)) != 0) return -EINVAL;
  u32& registered = thread.process.attributes.memory_barriers;
  if ((command & kRegistrations) != 0) {
    registered |= command;
    return 0;
  }
  if ((command & kRegistered) != 0) return (registered & command << 1) != 0 ? 0 : -EPERM;
  return (command & kFree) != 0 ? 0 : -EINVAL;
}

/// Remembered, and of no effect: there are no other systems' programs here.
MAYFLY_SYSCALL(personality) {
  constexpr u32 kQuery = 0xffff'ffff;
  u32 before = thread.process.attributes.personality;
  if (static_cast<u32>(args[0]) != kQuery) thread.process.attributes.personality = static_cast<u32>(args[0]);
  return before;
}

}  // namespace mayfly::kernel
