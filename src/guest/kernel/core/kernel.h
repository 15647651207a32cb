// The guest kernel as one object: everything it owns hangs here.
#pragma once

#include "guest/kernel/core/heap.h"
#include "guest/kernel/file/file_locks.h"
#include "guest/kernel/file/vfs.h"
#include "guest/kernel/net/network.h"
#include "guest/kernel/process/futex.h"
#include "guest/kernel/process/process.h"
#include "guest/kernel/process/random.h"
#include "guest/kernel/sched/scheduler.h"

namespace mayfly::kernel {

class Kernel final : public HostEvents {
 public:
  /// @param heap_base, heap_bytes region for kernel objects
  Kernel(u64 heap_base, u64 heap_bytes);
  void before_wait() override;
  void host_returned() override;
  /// A new number for threads; the process has the first.
  [[nodiscard]] u32 next_thread_id() { return ++last_thread_id_; }
  [[nodiscard]] TimerQueue& timers() { return scheduler.timers(); }

  Heap heap;
  Scheduler scheduler;
  FileLocks file_locks;
  Vfs vfs;
  Network network;
  FutexTable futexes;
  Random random;
  Process process;

 private:
  u32 last_thread_id_;
};

}  // namespace mayfly::kernel
