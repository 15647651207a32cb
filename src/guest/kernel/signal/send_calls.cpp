// System calls that send signals. There is one process: it can send to itself and its threads only.
#include <asm/siginfo.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/syscall.h"
#include "guest/kernel/signal/send.h"

namespace mayfly::kernel {
namespace {

bool is_signal_or_zero(u64 number) {
  return static_cast<u32>(number) <= kSignals;
}

/// A library may remember the process id that it had before a reset.
bool names_process(const Process& process, i64 id) {
  return id == process.id || id == process.leader_id;
}

/// kill(2) takes the id of any thread for its process's.
bool names_thread(Process& process, i64 id) {
  return id > 0 && process.find_thread(static_cast<u32>(id)) != nullptr;
}

/// Only to itself may a thread send what looks like the kernel's or kill's.
bool may_forge(const Thread& thread, i64 target, const SignalInfo& info) {
  bool is_own = target == thread.id || (thread.id == thread.process.leader_id && names_process(thread.process, target));
  return (info.code < 0 && info.code != SI_TKILL) || is_own;
}

SignalInfo sent_by_user(const Process& process, u64 signal, int code) {
  SignalInfo info;
  info.number = static_cast<int>(signal);
  info.code = code;
  info.sender = {static_cast<i32>(process.id), process.credentials.real_user, 0};
  return info;
}

/// @param process_id 0: any
long send_to_thread_id(Process& process, i64 process_id, i64 thread_id, const SignalInfo& info) {
  if (thread_id <= 0) return -EINVAL;
  if (process_id != 0 && !names_process(process, process_id)) return -ESRCH;
  Thread* target = process.find_thread(static_cast<u32>(thread_id));
  if (target == nullptr) return -ESRCH;
  return info.number == 0 ? 0 : send_to_thread(*target, info);
}

long read_info(UserAddress address, u64 signal, SignalInfo& info) {
  if (!read_user(address, info)) return -EFAULT;
  if (!is_signal_or_zero(signal)) return -EINVAL;
  info.number = static_cast<int>(signal);
  return 0;
}

}  // namespace

MAYFLY_SYSCALL(kill) {
  if (!is_signal_or_zero(args[1])) return -EINVAL;
  Process& process = thread.process;
  i64 target = static_cast<i32>(args[0]);
  // 0: the caller's group; negative: that group, whose only member is this process. -1 is all others: there are none.
  bool is_self = target == 0 || names_thread(process, target) || (target < -1 && names_process(process, -target));
  if (!is_self) return -ESRCH;
  return args[1] == 0 ? 0 : process.send_signal(sent_by_user(process, args[1], SI_USER));
}

MAYFLY_SYSCALL(tkill) {
  if (!is_signal_or_zero(args[1])) return -EINVAL;
  SignalInfo info = sent_by_user(thread.process, args[1], SI_TKILL);
  return send_to_thread_id(thread.process, 0, static_cast<i32>(args[0]), info);
}

MAYFLY_SYSCALL(tgkill) {
  if (!is_signal_or_zero(args[2])) return -EINVAL;
  if (static_cast<i32>(args[0]) <= 0) return -EINVAL;
  SignalInfo info = sent_by_user(thread.process, args[2], SI_TKILL);
  return send_to_thread_id(thread.process, static_cast<i32>(args[0]), static_cast<i32>(args[1]), info);
}

MAYFLY_SYSCALL(rt_sigqueueinfo) {
  SignalInfo info;
  if (long error = read_info(args[2], args[1], info); error != 0) return error;
  auto target = static_cast<i32>(args[0]);
  if (!may_forge(thread, target, info)) return -EPERM;
  if (!names_thread(thread.process, target)) return -ESRCH;
  return info.number == 0 ? 0 : thread.process.send_signal(info);
}

MAYFLY_SYSCALL(rt_tgsigqueueinfo) {
  SignalInfo info;
  if (long error = read_info(args[3], args[2], info); error != 0) return error;
  if (static_cast<i32>(args[0]) <= 0 || static_cast<i32>(args[1]) <= 0) return -EINVAL;
  if (!may_forge(thread, static_cast<i32>(args[1]), info)) return -EPERM;
  return send_to_thread_id(thread.process, static_cast<i32>(args[0]), static_cast<i32>(args[1]), info);
}

}  // namespace mayfly::kernel
