// How a system call is added: one MAYFLY_SYSCALL in the file of its family, nothing else anywhere.
#pragma once

#include <asm/unistd_64.h>

#include "abi/trace.h"
#include "abi/types.h"
#include "guest/kernel/process/syscall_family.h"

namespace mayfly::kernel {

class Thread;

/// The six arguments as the program passed them.
struct SyscallArgs {
  u64 a[6];
  u64 operator[](int index) const { return a[index]; }
  [[nodiscard]] int fd(int index = 0) const { return static_cast<int>(a[index]); }
};

using SyscallHandler = long (*)(Thread& thread, const SyscallArgs& args);

/// Aligned to its size: compilers align objects of a section as they like, and the table must have no gaps.
struct alignas(32) SyscallEntry {
  u32 number;
  abi::TraceFamily family;
  abi::TraceSupport support;
  const char* name;
  SyscallHandler handler;
};

/// Runs one system call. @return its result; -ENOSYS for an unknown one, which is reported once by name
long dispatch(Thread& thread, u64 number, const SyscallArgs& args);

/// Defines the handler of a system call: MAYFLY_SYSCALL(close) { return thread.process.files.close(args.fd()); }
#define MAYFLY_SYSCALL(NAME) MAYFLY_SYSCALL_ENTRY(NAME, full)

/// The same for a call that is answered with one error on purpose; --trace-summary says so.
#define MAYFLY_REFUSED_SYSCALL(NAME) MAYFLY_SYSCALL_ENTRY(NAME, refused)

#define MAYFLY_SYSCALL_ENTRY(NAME, SUPPORT)                                                                         \
  static long sys_##NAME(::mayfly::kernel::Thread& thread, const ::mayfly::kernel::SyscallArgs& args);              \
  [[gnu::section("mayfly_syscalls"), gnu::used,                                                                     \
    gnu::retain]] static const ::mayfly::kernel::SyscallEntry entry_##NAME{                                         \
      __NR_##NAME, ::mayfly::kernel::family_of(__FILE__), ::mayfly::abi::TraceSupport::SUPPORT, #NAME, sys_##NAME}; \
  static long sys_##NAME([[maybe_unused]] ::mayfly::kernel::Thread& thread,                                         \
                         [[maybe_unused]] const ::mayfly::kernel::SyscallArgs& args)

}  // namespace mayfly::kernel
