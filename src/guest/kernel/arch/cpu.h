// What the scheduler needs of the processor; entry.S in the guest, ucontext-free assembly in native unit tests.
#pragma once

#include "abi/types.h"

namespace mayfly::kernel {
class Thread;
}

namespace mayfly::kernel::arch {

/// Saves the running thread's extended state, FS and GS bases and kernel stack, and continues `next`. Returns when
/// `previous` is switched to again.
void switch_thread(Thread& previous, Thread& next);
/// Prepares a new thread's kernel stack so that its first switch_thread enters user mode with its frame().
void prepare_user_entry(Thread& thread);
/// Copies the running thread's extended state into `thread`, as clone does.
void copy_extended_state(Thread& thread);

/// Stops the machine until the host has something; saves all registers in guest memory so that the machine can be
/// frozen here. The reasons are in shared().wait.
void wait_for_host();

/// Where the trampolines of patched system calls enter the kernel, see process/syscall_patcher.h.
[[nodiscard]] u64 patched_syscall_entry();

[[nodiscard]] u64 read_counter();
[[nodiscard]] u64 fs_base();
void set_fs_base(u64 base);
[[nodiscard]] u64 gs_base();
void set_gs_base(u64 base);

}  // namespace mayfly::kernel::arch
