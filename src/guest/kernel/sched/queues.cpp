#include "guest/kernel/core/clock.h"
#include "guest/kernel/sched/timer.h"
#include "guest/kernel/sched/wait_queue.h"

namespace mayfly::kernel {

u32 WaitQueue::wake(u32 events, u32 limit) {
  u32 woken = 0;
  bool exclusive_woken = false;
  Waiter* waiter = waiters_.front();
  while (waiter != nullptr && woken < limit) {
    Waiter* following = waiters_.next(*waiter);
    bool passed_over = exclusive_woken && waiter->exclusive();
    if (!passed_over && waiter->wake(events)) {
      ++woken;
      exclusive_woken = exclusive_woken || waiter->exclusive();
    }
    waiter = following;
  }
  return woken;
}

void TimerQueue::arm(Timer& timer, u64 deadline_ns) {
  timer.unlink();
  timer.deadline_ns_ = deadline_ns;
  Timer* position = timers_.front();
  while (position != nullptr && position->deadline_ns_ <= deadline_ns) position = timers_.next(*position);
  if (position == nullptr) {
    timers_.push_back(timer);
  } else {
    timers_.insert(*position, timer);
  }
}

u64 TimerQueue::next_deadline_ns() {
  Timer* first = timers_.front();
  return first == nullptr ? kNever : first->deadline_ns_;
}

void TimerQueue::run_expired(u64 now_ns) {
  while (Timer* first = timers_.front()) {
    if (first->deadline_ns_ > now_ns) return;
    first->unlink();
    first->expired();
  }
}

}  // namespace mayfly::kernel
