// The program's registers while the guest kernel runs on its behalf; entry.S builds and unwinds it.
#pragma once

#include "abi/types.h"

namespace mayfly::kernel {

/// Why the kernel was entered: an exception's vector, or one of these.
enum EntryKind : u64 { kEntrySyscall = 0x100, kEntryKick = 0x101 };

struct TrapFrame {
  u64 r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
  u64 original_rax;  ///< number of the system call, for restarts
  u64 kind;          ///< EntryKind or exception vector
  u64 error_code;
  u64 address;  ///< CR2 of a page fault
  u64 rip, cs, rflags, rsp, ss;
};
static_assert(sizeof(TrapFrame) == 192, "entry.S knows this size");
static_assert(sizeof(TrapFrame) % 16 == 0, "calls from entry.S keep the stack aligned");

}  // namespace mayfly::kernel
