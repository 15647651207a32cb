#include "guest/kernel/sched/scheduler.h"

#include <linux/errno.h>

#include "guest/kernel/arch/cpu.h"
#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/cpu_timers.h"
#include "guest/kernel/signal/deliver.h"

namespace mayfly::kernel {
namespace {

/// What a thread that slept may have before the others: about a time slice. More, and one that slept for long would
/// keep them waiting for long.
constexpr u64 kHeadStartNs = 2'000'000;

}  // namespace

Thread::Thread(Kernel& owner, Process& in_process, u32 thread_id)
    : kernel(owner),
      process(in_process),
      id(thread_id),
      pending_signals(in_process.queued_signals),
      sleep_timer(*this) {}

void Scheduler::switch_to(Thread& next) {
  fair_time_ns_ = next.fair_time_ns > fair_time_ns_ ? next.fair_time_ns : fair_time_ns_;
  Thread* previous = current_;
  current_ = &next;
  if (previous == &next) return;
  ++switches_;
  arch::switch_thread(*previous, next);
}

void Scheduler::charge(u64 now_ns) {
  u64 used = now_ns - charged_at_ns_;
  charged_at_ns_ = now_ns;
  Process& process = current_->process;
  current_->fair_time_ns += used;
  current_->cpu.add(used);
  process.cpu.add(used);
}

void Scheduler::enqueue(Thread& thread) {
  u64 earliest = fair_time_ns_ > kHeadStartNs ? fair_time_ns_ - kHeadStartNs : 0;
  if (thread.fair_time_ns < earliest) thread.fair_time_ns = earliest;
  Thread* other = run_queue_.front();
  while (other != nullptr && other->fair_time_ns <= thread.fair_time_ns) other = run_queue_.next(*other);
  if (other != nullptr) {
    run_queue_.insert(*other, thread);
  } else {
    run_queue_.push_back(thread);
  }
}

void Scheduler::yield() {
  charge();
  Thread* last = run_queue_.back();
  if (last != nullptr && last->fair_time_ns > current_->fair_time_ns) current_->fair_time_ns = last->fair_time_ns;
  enqueue(*current_);
  reschedule();
}

void Scheduler::run_expired_timers() {
  u64 now_ns = monotonic_ns();
  charge(now_ns);
  run_expired_cpu_timers(*current_);
  timers_.run_expired(now_ns);
}

void Scheduler::let_host_work() {
  const u64 now_ns = monotonic_ns();
  charge(now_ns);
  wait_for_host(now_ns);
}

void Scheduler::wait_for_host(u64 deadline_ns) {
  shared().wait.deadline_ns = deadline_ns;
  host_events_.before_wait();
  arch::wait_for_host();
  charged_at_ns_ = monotonic_ns();
  host_events_.host_returned();
}

void Scheduler::reschedule() {
  for (;;) {
    run_expired_timers();
    if (Thread* next = run_queue_.pop_front()) {
      switch_to(*next);
      return;
    }
    if (current_->state == Thread::State::runnable) return;
    wait_for_host(timers_.next_deadline_ns());
  }
}

void Scheduler::preempt(bool in_user) {
  current_->cpu.sample(in_user);
  current_->process.cpu.sample(in_user);
  host_events_.host_returned();
  run_expired_timers();
  const Thread* next = run_queue_.front();
  if (next == nullptr || next->fair_time_ns > current_->fair_time_ns) return;
  ++current_->cpu.involuntary_switches;
  ++current_->process.cpu.involuntary_switches;
  enqueue(*current_);
  reschedule();
}

long Thread::block(u64 deadline_ns) {
  if (signal_waiting(*this)) return kRestart;
  state = State::blocked;
  block_result_ = 0;
  if (deadline_ns != kNever) kernel.timers().arm(sleep_timer, deadline_ns);
  ++cpu.voluntary_switches;
  ++process.cpu.voluntary_switches;
  kernel.scheduler.reschedule();
  sleep_timer.disarm();
  // Another thread may have taken the signal in the meantime: woken for nothing.
  if (block_result_ == kRestart && !signal_waiting(*this)) return 0;
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
  ++cpu.involuntary_switches;
  ++process.cpu.involuntary_switches;
  kernel.scheduler.yield();
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
