#include "guest/kernel/core/kernel.h"

#include "guest/kernel/arch/host.h"
#include "guest/kernel/process/reseed.h"

namespace mayfly::kernel {

namespace {
constexpr u32 kFirstProcessId = 2;
}

Kernel::Kernel(u64 heap_base, u64 heap_bytes)
    : scheduler(*this),
      file_locks(heap),
      vfs(*this),
      network(*this),
      process(*this, kFirstProcessId),
      last_thread_id_(kFirstProcessId) {
  heap.init(heap_base, heap_bytes);
}

void Kernel::before_wait() {
  shared().wait.threads = process.thread_count;
  network.before_wait();
}

void Kernel::host_returned() {
  abi::ResetPage& reset = shared().reset;
  if (reset.prepare != 0) {
    reset.prepare = 0;
    process.memory.populate_files();
  }
  if (reset.fresh != 0) reseed(*this);
  network.host_returned();
}

}  // namespace mayfly::kernel
