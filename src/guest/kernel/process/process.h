// The program that runs: what threads share.
#pragma once

#include "guest/kernel/core/list.h"
#include "guest/kernel/file/fd_table.h"
#include "guest/kernel/file/inode.h"
#include "guest/kernel/mm/address_space.h"
#include "guest/kernel/process/credentials.h"
#include "guest/kernel/process/limits.h"
#include "guest/kernel/process/process_attributes.h"
#include "guest/kernel/process/signal_timer.h"
#include "guest/kernel/process/syscall_patcher.h"
#include "guest/kernel/sched/thread.h"
#include "guest/kernel/signal/signal_actions.h"

namespace mayfly::kernel {

inline constexpr u64 kPathBytes = 4096;
inline constexpr u32 kMaxThreads = 1024;
/// Of Thread::extended_state: more than the standard XSAVE format needs for what XCR0 may enable here (0x2e7).
inline constexpr u64 kExtendedStateBytes = 4096;

class Process {
 public:
  static constexpr u64 kRandomBytes = 16;
  static constexpr i32 kMaxTimers = 128;

  Process(Kernel& owner, u32 process_id);

  /// Creates a thread with kernel stack and extended state, not yet runnable. @return null without memory
  [[nodiscard]] Thread* create_thread(u32 thread_id);
  [[nodiscard]] Thread* find_thread(u32 thread_id);
  /// Takes the running thread out of the process. It still runs on its kernel stack until it gives the processor away
  /// for good; what it holds is released when the next thread comes or goes.
  void thread_exited(Thread& thread);
  /// Sends a process-directed signal: any thread that does not block it takes it.
  /// @return 0, or -EAGAIN when the queue of a real-time signal is full
  long send_signal(const SignalInfo& info);

  Kernel& kernel;
  AddressSpace memory;
  FdTable files;
  ResourceLimits limits;
  SyscallPatcher patcher;
  SignalActions actions;
  SignalPool queued_signals;    ///< pending ones of the process and of all threads
  SignalQueue pending_signals;  ///< directed at the process
  WaitQueue signal_watchers;    ///< signalfds: woken whenever a signal becomes pending for the process or a thread
  List<Thread, ProcessListTag> threads;
  u32 thread_count = 0;
  TimerQueue cpu_timers;                       ///< deadlines in the process's processor time
  TimerQueue user_timers;                      ///< deadlines in its user time
  SignalTimer interval_timers[3];              ///< setitimer, by ITIMER_*
  SignalTimer* posix_timers[kMaxTimers] = {};  ///< by id, null: free
  CpuUse cpu;                                  ///< of all threads, those that have ended included
  u32 id;                                      ///< what getpid answers; changes with each reset
  const u32 leader_id;                         ///< Thread::id of the first thread; never changes
  u32 parent_id = 0;                           ///< out of sight, as that of a container's first process
  u32 user = 0;                                ///< effective
  u32 group = 0;                               ///< effective
  Credentials credentials;
  ProcessAttributes attributes;
  u32 umask = 022;
  char executable[kPathBytes] = {};       ///< absolute path, for /proc/self/exe
  char start_directory[kPathBytes] = {};  ///< absolute path of the first working directory
  Ref<Directory> working_directory;       ///< null until it is first asked for
  Ref<Directory> root_directory;          ///< of chroot; null: that of the tree
  char name[16] = {};                     ///< comm of the first thread
  UserAddress arguments_begin = 0, arguments_end = 0, environment_begin = 0, environment_end = 0;
  UserAddress auxiliary_vector = 0;
  u64 auxiliary_vector_size = 0;
  UserAddress random_bytes = 0;  ///< AT_RANDOM

 private:
  void reap();
  void destroy_thread(Thread& thread);

  Thread* exited_thread_ = nullptr;  // at most one, not yet released
};

}  // namespace mayfly::kernel
