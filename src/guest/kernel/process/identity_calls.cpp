// Who the program is: process, thread, user and group ids. There is one process, alone in its session and group.
#include <linux/capability.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

constexpr u32 kUnchanged = ~u32{0};

/// The three ids of one kind, and the fourth for files, which follows the effective one.
struct Ids {
  u32& real;
  u32& effective;
  u32& saved;
  u32& file;
  [[nodiscard]] bool has(u32 id) const { return id == real || id == effective || id == saved; }
};

Ids users_of(Process& process) {
  Credentials& own = process.credentials;
  return {own.real_user, process.user, own.saved_user, own.file_user};
}
Ids groups_of(Process& process) {
  Credentials& own = process.credentials;
  return {own.real_group, process.group, own.saved_group, own.file_group};
}

/// Changes ids of either kind, with what changed users mean for capabilities.
void assign(Process& process, Ids ids, u32 real, u32 effective, u32 saved) {
  const Credentials& own = process.credentials;
  bool was_root = process.user == 0;
  bool had_root = was_root || own.real_user == 0 || own.saved_user == 0;
  if (real != kUnchanged) ids.real = real;
  if (effective != kUnchanged) ids.effective = effective;
  if (saved != kUnchanged) ids.saved = saved;
  ids.file = ids.effective;
  users_changed(process, had_root, was_root);
}

/// setuid and setgid.
long set_one(Process& process, Ids ids, u32 capability, u64 argument) {
  auto id = static_cast<u32>(argument);
  if (id == kUnchanged) return -EINVAL;
  if (is_capable(process, capability)) {
    assign(process, ids, id, id, id);
  } else if (id == ids.real || id == ids.saved) {
    assign(process, ids, kUnchanged, id, kUnchanged);
  } else {
    return -EPERM;
  }
  return 0;
}

/// setreuid and setregid.
long set_two(Process& process, Ids ids, u32 capability, const SyscallArgs& args) {
  auto real = static_cast<u32>(args[0]);
  auto effective = static_cast<u32>(args[1]);
  if (!is_capable(process, capability)) {
    if (real != kUnchanged && real != ids.real && real != ids.effective) return -EPERM;
    if (effective != kUnchanged && !ids.has(effective)) return -EPERM;
  }
  bool saves = real != kUnchanged || (effective != kUnchanged && effective != ids.real);
  u32 saved = effective != kUnchanged ? effective : ids.effective;
  assign(process, ids, real, effective, saves ? saved : kUnchanged);
  return 0;
}

/// setresuid and setresgid.
long set_three(Process& process, Ids ids, u32 capability, const SyscallArgs& args) {
  bool may_set_any = is_capable(process, capability);
  u32 wanted[3];
  for (int i = 0; i < 3; ++i) {
    wanted[i] = static_cast<u32>(args[i]);
    if (wanted[i] != kUnchanged && !may_set_any && !ids.has(wanted[i])) return -EPERM;
  }
  assign(process, ids, wanted[0], wanted[1], wanted[2]);
  return 0;
}

/// setfsuid and setfsgid, which return the id before whatever happens.
long set_file_id(Process& process, Ids ids, u32 capability, u64 argument) {
  auto id = static_cast<u32>(argument);
  u32 before = ids.file;
  bool is_allowed = is_capable(process, capability) || ids.has(id) || id == ids.file;
  if (id != kUnchanged && is_allowed) ids.file = id;
  return before;
}

long write_three(const SyscallArgs& args, const Ids& ids) {
  bool written = write_user(args[0], ids.real) && write_user(args[1], ids.effective) && write_user(args[2], ids.saved);
  return written ? 0 : -EFAULT;
}

bool is_self(const Process& process, u64 id) {
  auto value = static_cast<u32>(id);
  return value == 0 || value == process.id || value == process.leader_id;
}

}  // namespace

MAYFLY_SYSCALL(getpid) {
  return thread.process.id;
}
MAYFLY_SYSCALL(getppid) {
  return thread.process.parent_id;
}
/// The first thread's id is the process's, also after a reset has changed that.
MAYFLY_SYSCALL(gettid) {
  return thread.id == thread.process.leader_id ? thread.process.id : thread.id;
}

MAYFLY_SYSCALL(getuid) {
  return thread.process.credentials.real_user;
}
MAYFLY_SYSCALL(geteuid) {
  return thread.process.user;
}
MAYFLY_SYSCALL(getgid) {
  return thread.process.credentials.real_group;
}
MAYFLY_SYSCALL(getegid) {
  return thread.process.group;
}
MAYFLY_SYSCALL(getresuid) {
  return write_three(args, users_of(thread.process));
}
MAYFLY_SYSCALL(getresgid) {
  return write_three(args, groups_of(thread.process));
}
MAYFLY_SYSCALL(setuid) {
  return set_one(thread.process, users_of(thread.process), CAP_SETUID, args[0]);
}
MAYFLY_SYSCALL(setgid) {
  return set_one(thread.process, groups_of(thread.process), CAP_SETGID, args[0]);
}
MAYFLY_SYSCALL(setreuid) {
  return set_two(thread.process, users_of(thread.process), CAP_SETUID, args);
}
MAYFLY_SYSCALL(setregid) {
  return set_two(thread.process, groups_of(thread.process), CAP_SETGID, args);
}
MAYFLY_SYSCALL(setresuid) {
  return set_three(thread.process, users_of(thread.process), CAP_SETUID, args);
}
MAYFLY_SYSCALL(setresgid) {
  return set_three(thread.process, groups_of(thread.process), CAP_SETGID, args);
}
MAYFLY_SYSCALL(setfsuid) {
  return set_file_id(thread.process, users_of(thread.process), CAP_SETUID, args[0]);
}
MAYFLY_SYSCALL(setfsgid) {
  return set_file_id(thread.process, groups_of(thread.process), CAP_SETGID, args[0]);
}

MAYFLY_SYSCALL(getgroups) {
  const Credentials& own = thread.process.credentials;
  auto capacity = static_cast<i32>(args[0]);
  if (capacity < 0 || (capacity != 0 && static_cast<u32>(capacity) < own.group_count)) return -EINVAL;
  if (capacity != 0 && !copy_to_user(args[1], own.groups, own.group_count * sizeof(u32))) return -EFAULT;
  return own.group_count;
}
MAYFLY_SYSCALL(setgroups) {
  if (!is_capable(thread.process, CAP_SETGID)) return -EPERM;
  auto count = static_cast<u32>(args[0]);
  if (count > Credentials::kMaxGroups) return -EINVAL;
  u32 groups[Credentials::kMaxGroups];
  if (!copy_from_user(groups, args[1], count * sizeof(u32))) return -EFAULT;
  Credentials& own = thread.process.credentials;
  for (u32 i = 0; i < count; ++i) own.groups[i] = groups[i];
  own.group_count = count;
  return 0;
}

MAYFLY_SYSCALL(getpgrp) {
  return thread.process.id;
}
MAYFLY_SYSCALL(getpgid) {
  return is_self(thread.process, args[0]) ? static_cast<long>(thread.process.id) : -ESRCH;
}
MAYFLY_SYSCALL(getsid) {
  return is_self(thread.process, args[0]) ? static_cast<long>(thread.process.id) : -ESRCH;
}
/// A session leader already.
MAYFLY_SYSCALL(setsid) {
  return -EPERM;
}
MAYFLY_SYSCALL(setpgid) {
  if (!is_self(thread.process, args[0])) return -ESRCH;
  return is_self(thread.process, args[1]) ? 0 : -EPERM;
}

}  // namespace mayfly::kernel
