// Who is told by a signal of what happens to a file: F_SETOWN, F_SETSIG and O_ASYNC of fcntl(2).
#pragma once

#include "guest/kernel/sched/wait_queue.h"

namespace mayfly::kernel {

class Process;

/// On the file's wait queue while O_ASYNC is set.
class SignalOwner final : public Waiter {
 public:
  /// F_OWNER_*: what an owner is.
  enum Kind : i32 { kThread = 0, kProcess = 1, kGroup = 2 };

  explicit SignalOwner(Process& process) : process_(process) {}
  bool wake(u32 events) override;

  /// F_SETOWN_EX. @param id 0 for nobody @return 0, -EINVAL or -ESRCH
  long set(i32 kind, i32 id);
  [[nodiscard]] Kind kind() const { return kind_; }
  /// 0 for nobody.
  [[nodiscard]] i32 id() const;
  /// F_SETSIG; 0 for a plain SIGIO. @return 0 or -EINVAL
  long set_signal(u64 signal);
  [[nodiscard]] i32 signal() const { return signal_; }
  /// The number by which the program knows the file.
  void set_descriptor(int fd) { fd_ = fd; }

 private:
  Process& process_;
  Kind kind_ = kProcess;
  u32 thread_ = 0;  // of kThread
  bool somebody_ = false;
  i32 signal_ = 0;
  int fd_ = -1;
};

}  // namespace mayfly::kernel
