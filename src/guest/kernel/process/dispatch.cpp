// From a system call's number to its handler.
#include <linux/errno.h>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/process/call_report.h"
#include "guest/kernel/process/syscall.h"
#include "guest/kernel/process/trace.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kMaxNumber = 512;

#pragma GCC visibility push(hidden)
extern "C" const SyscallEntry __start_mayfly_syscalls[], __stop_mayfly_syscalls[];
#pragma GCC visibility pop

/// Handlers by number, gathered from the linker section at the first call.
struct Table {
  const SyscallEntry* entries[kMaxNumber] = {};
  bool ready = false;
  void gather() {
    for (const SyscallEntry* entry = __start_mayfly_syscalls; entry != __stop_mayfly_syscalls; ++entry) {
      entries[entry->number] = entry;
    }
    ready = true;
  }
};
constinit Table table;

long answer(const SyscallEntry* entry, Thread& thread, u64 number, const SyscallArgs& args) {
  if (entry != nullptr) return entry->handler(thread, args);
  report_unknown_call(thread, number);
  return -ENOSYS;
}

}  // namespace

long dispatch(Thread& thread, u64 number, const SyscallArgs& args) {
  if (!table.ready) table.gather();
  const SyscallEntry* entry = number < kMaxNumber ? table.entries[number] : nullptr;
  if (shared().boot.trace == 0) [[likely]] {
    return answer(entry, thread, number, args);
  }
  TracedCall traced(thread, number, entry, args);
  return traced.finish(answer(entry, thread, number, args));
}

}  // namespace mayfly::kernel
