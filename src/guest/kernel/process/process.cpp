#include "guest/kernel/process/process.h"

#include <linux/signal.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/signal/send.h"

namespace mayfly::kernel {

Process::Process(Kernel& owner, u32 process_id)
    : kernel(owner),
      memory(*this),
      queued_signals(*this),
      pending_signals(queued_signals),
      interval_timers{{*this, kernel_signal(SIGALRM), {*this, Timeline::Kind::monotonic}},
                      {*this, kernel_signal(SIGVTALRM), {*this, Timeline::Kind::process_user}},
                      {*this, kernel_signal(SIGPROF), {*this, Timeline::Kind::process_cpu}}},
      id(process_id),
      leader_id(process_id) {}

Thread* Process::create_thread(u32 thread_id) {
  reap();
  if (thread_count >= kMaxThreads) return nullptr;
  Thread* thread = kernel.heap.make<Thread>(kernel, *this, thread_id);
  if (thread == nullptr) return nullptr;
  thread->kernel_stack = static_cast<u8*>(kernel.heap.allocate(kKernelStackBytes));
  thread->extended_state = static_cast<u8*>(kernel.heap.allocate(kExtendedStateBytes));
  if (thread->kernel_stack == nullptr || thread->extended_state == nullptr) {
    destroy_thread(*thread);
    return nullptr;
  }
  threads.push_back(*thread);
  ++thread_count;
  return thread;
}

Thread* Process::find_thread(u32 thread_id) {
  if (thread_id == id) thread_id = leader_id;
  for (Thread* thread = threads.front(); thread != nullptr; thread = threads.next(*thread)) {
    if (thread->id == thread_id) return thread;
  }
  return nullptr;
}

void Process::thread_exited(Thread& thread) {
  reap();
  thread.state = Thread::State::exited;
  static_cast<ListNode<ProcessListTag>&>(thread).unlink();
  --thread_count;
  exited_thread_ = &thread;
}

void Process::reap() {
  if (exited_thread_ == nullptr) return;
  destroy_thread(*exited_thread_);
  exited_thread_ = nullptr;
}

void Process::destroy_thread(Thread& thread) {
  if (thread.kernel_stack != nullptr) kernel.heap.release(thread.kernel_stack, kKernelStackBytes);
  if (thread.extended_state != nullptr) kernel.heap.release(thread.extended_state, kExtendedStateBytes);
  kernel.heap.destroy(&thread);
}

}  // namespace mayfly::kernel
