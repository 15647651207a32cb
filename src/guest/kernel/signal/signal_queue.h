// Signals that were sent and not yet taken.
#pragma once

#include "guest/kernel/core/list.h"
#include "guest/kernel/signal/signal_set.h"

namespace mayfly::kernel {

class Process;

struct QueuedSignal : ListNode<> {
  explicit QueuedSignal(const SignalInfo& sent) : info(sent) {}
  SignalInfo info;
};

/// Memory for the queued signals of a process and all its threads, which RLIMIT_SIGPENDING limits together.
class SignalPool {
 public:
  explicit SignalPool(Process& process) : process_(process) {}
  /// @param within_limit false for signals that must not be lost, of which there are few
  /// @return null at the limit or without memory
  [[nodiscard]] QueuedSignal* make(const SignalInfo& info, bool within_limit);
  void destroy(QueuedSignal* signal);
  [[nodiscard]] u32 count() const { return count_; }

 private:
  Process& process_;
  u32 count_ = 0;
};

/// One of each number below 32 (and one of each timer), every one above.
class SignalQueue {
 public:
  explicit SignalQueue(SignalPool& pool) : pool_(pool) {}
  SignalQueue(const SignalQueue&) = delete;
  SignalQueue& operator=(const SignalQueue&) = delete;
  ~SignalQueue();

  /// Without room, a signal below 32 and one of kill(2) become pending without their details.
  /// @return false if there was no room for another one, which is lost
  bool add(const SignalInfo& info);
  /// The queued signal of the timer with this id, or null.
  [[nodiscard]] SignalInfo* find_timer(i32 id);
  [[nodiscard]] SignalSet pending() const { return pending_; }
  /// Takes the oldest signal of the most urgent number in `wanted`: one that stands for a fault, else the lowest.
  /// @return its number, or 0
  int take(SignalSet wanted, SignalInfo& info);
  /// Forgets all signals of this number.
  void remove(int signal);

 private:
  void append(QueuedSignal& signal);

  SignalPool& pool_;
  SignalSet pending_;
  List<QueuedSignal> queued_;
};

}  // namespace mayfly::kernel
