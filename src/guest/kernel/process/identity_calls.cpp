// Who the program is: process, thread, user and group ids. There is one process, alone in its session and group.
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

constexpr u32 kUnchanged = ~0u;

/// Setting an id to what it is anyway succeeds, for libraries that drop privileges they do not have.
long keep(u32 own, std::initializer_list<u64> wanted) {
  for (u64 id : wanted) {
    auto value = static_cast<u32>(id);
    if (value != own && value != kUnchanged) return -EPERM;
  }
  return 0;
}

long write_three(const SyscallArgs& args, u32 id) {
  for (int i = 0; i < 3; ++i) {
    if (!write_user(args[i], id)) return -EFAULT;
  }
  return 0;
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
  return thread.process.user;
}
MAYFLY_SYSCALL(geteuid) {
  return thread.process.user;
}
MAYFLY_SYSCALL(getgid) {
  return thread.process.group;
}
MAYFLY_SYSCALL(getegid) {
  return thread.process.group;
}
MAYFLY_SYSCALL(getresuid) {
  return write_three(args, thread.process.user);
}
MAYFLY_SYSCALL(getresgid) {
  return write_three(args, thread.process.group);
}
MAYFLY_SYSCALL(setuid) {
  return keep(thread.process.user, {args[0]});
}
MAYFLY_SYSCALL(setgid) {
  return keep(thread.process.group, {args[0]});
}
MAYFLY_SYSCALL(setreuid) {
  return keep(thread.process.user, {args[0], args[1]});
}
MAYFLY_SYSCALL(setregid) {
  return keep(thread.process.group, {args[0], args[1]});
}
MAYFLY_SYSCALL(setresuid) {
  return keep(thread.process.user, {args[0], args[1], args[2]});
}
MAYFLY_SYSCALL(setresgid) {
  return keep(thread.process.group, {args[0], args[1], args[2]});
}
/// These two return the id in force, whatever was asked.
MAYFLY_SYSCALL(setfsuid) {
  return thread.process.user;
}
MAYFLY_SYSCALL(setfsgid) {
  return thread.process.group;
}

/// No supplementary groups.
MAYFLY_SYSCALL(getgroups) {
  return static_cast<int>(args[0]) < 0 ? -EINVAL : 0;
}
MAYFLY_SYSCALL(setgroups) {
  return args[0] == 0 ? 0 : -EPERM;
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
