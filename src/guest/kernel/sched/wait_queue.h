// Waiting for something to happen: threads block on queues, and pollers (epoll, poll) watch them.
#pragma once

#include "abi/types.h"
#include "guest/kernel/core/list.h"

namespace mayfly::kernel {

/// One who waits. `wake` runs inside WaitQueue::wake and must neither block nor destroy other waiters of the queue.
class Waiter : public ListNode<> {
 public:
  /// @param events poll bits (EPOLLIN ...) that have become true, ~0 if the waker does not say
  /// @return true if this used up one of the wake-ups asked for
  virtual bool wake(u32 events) = 0;
  /// Once one of these has taken a wake-up, the others are passed over: EPOLLEXCLUSIVE.
  [[nodiscard]] bool exclusive() const { return exclusive_; }

 protected:
  ~Waiter() = default;
  void set_exclusive(bool exclusive) { exclusive_ = exclusive; }

 private:
  bool exclusive_ = false;
};

/// Those who wait for one object. First in, first out.
class WaitQueue {
 public:
  void add(Waiter& waiter) { waiters_.push_back(waiter); }
  /// Wakes waiters until `limit` of them have taken the wake-up. @return how many have
  u32 wake(u32 events = ~0u, u32 limit = ~0u);
  [[nodiscard]] bool empty() const { return waiters_.empty(); }

 private:
  List<Waiter> waiters_;
};

}  // namespace mayfly::kernel
