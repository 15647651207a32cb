// How a system call is added: one MAYFLY_SYSCALL in the file of its family, nothing else anywhere.
#pragma once

#include <asm/unistd_64.h>

#include "abi/types.h"

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
  const char* name;
  SyscallHandler handler;
};

/// Runs one system call. @return its result; -ENOSYS for an unknown one, which is reported once by name
long dispatch(Thread& thread, u64 number, const SyscallArgs& args);

/// Defines the handler of a system call: MAYFLY_SYSCALL(close) { return thread.process.files.close(args.fd()); }
#define MAYFLY_SYSCALL(NAME)                                                                                \
  static long sys_##NAME(::mayfly::kernel::Thread& thread, const ::mayfly::kernel::SyscallArgs& args);      \
  [[gnu::section("mayfly_syscalls"), gnu::used,                                                             \
    gnu::retain]] static const ::mayfly::kernel::SyscallEntry entry_##NAME{__NR_##NAME, #NAME, sys_##NAME}; \
  static long sys_##NAME([[maybe_unused]] ::mayfly::kernel::Thread& thread,                                 \
                         [[maybe_unused]] const ::mayfly::kernel::SyscallArgs& args)

}  // namespace mayfly::kernel
