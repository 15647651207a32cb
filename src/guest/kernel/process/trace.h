// Tells the host of system calls, for --trace. Only the host decodes: it reads the program's memory itself.
#pragma once

#include "guest/kernel/process/syscall.h"
#include "guest/kernel/sched/thread.h"

namespace mayfly::kernel {

/// One system call of a traced program: told at its beginning, and at its end if it has one.
class TracedCall {
 public:
  /// @param entry null if nobody answers `number`
  TracedCall(const Thread& thread, u64 number, const SyscallEntry* entry, const SyscallArgs& args);
  /// @return `result`
  long finish(long result);

 private:
  abi::TraceRecord record_;
};

/// Tells of a signal that a traced program is about to get.
void trace_signal(const Thread& thread, const SignalInfo& info);

}  // namespace mayfly::kernel
