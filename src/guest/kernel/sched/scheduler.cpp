#include "guest/kernel/sched/scheduler.h"

#include <linux/errno.h>

#include "guest/kernel/arch/cpu.h"
#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/signal/deliver.h"

namespace mayfly::kernel {

void Scheduler::switch_to(Thread& next) {
  Thread* previous = current_;
  current_ = &next;
  if (previous == &next) return;
  ++switches_;
  arch::switch_thread(*previous, next);
}

void Scheduler::wait_for_host() {
  abi::WaitPage& page = shared().wait;
  page.deadline_ns = timers_.next_deadline_ns();
  host_events_.before_wait();
  u64 begin = monotonic_ns();
  arch::wait_for_host();
  idle_ns_ += monotonic_ns() - begin;
  host_events_.host_returned();
}

void Scheduler::reschedule() {
  for (;;) {
    if (timers_.next_deadline_ns() != kNever) timers_.run_expired(monotonic_ns());
    if (Thread* next = run_queue_.pop_front()) {
      switch_to(*next);
      return;
    }
    if (current_->state == Thread::State::runnable) return;
    wait_for_host();
  }
}

void Scheduler::preempt() {
  host_events_.host_returned();
  timers_.run_expired(monotonic_ns());
  if (run_queue_.empty()) return;
  run_queue_.push_back(*current_);
  reschedule();
}

long Thread::block(u64 deadline_ns) {
  if (signal_waiting(*this)) return kRestart;
  state = State::blocked;
  block_result_ = 0;
  if (deadline_ns != kNever) kernel.timers().arm(sleep_timer, deadline_ns);
  kernel.scheduler.reschedule();
  sleep_timer.disarm();
  return block_result_;
}

void Thread::wake_up(long result) {
  if (state != State::blocked) return;
  state = State::runnable;
  block_result_ = result;
  kernel.scheduler.enqueue(*this);
}

long Thread::wait(WaitQueue& queue, u64 deadline_ns) {
  ThreadWaiter waiter(*this);
  queue.add(waiter);
  return block(deadline_ns);
}

long Thread::sleep_until(u64 deadline_ns) {
  return block(deadline_ns);
}

void Thread::yield() {
  kernel.scheduler.enqueue(*this);
  kernel.scheduler.reschedule();
}

void Thread::SleepTimer::expired() {
  thread.wake_up(-ETIMEDOUT);
}

bool ThreadWaiter::wake(u32) {
  if (thread_.state != Thread::State::blocked) return false;
  thread_.wake_up();
  return true;
}

}  // namespace mayfly::kernel
