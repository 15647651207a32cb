#include "guest/kernel/process/cpu_timers.h"

#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {

void run_expired_cpu_timers(Thread& thread) {
  Process& process = thread.process;
  if (thread.cpu_timers.next_deadline_ns() != kNever) thread.cpu_timers.run_expired(thread.cpu.total_ns());
  if (process.cpu_timers.next_deadline_ns() != kNever) process.cpu_timers.run_expired(process.cpu.total_ns());
  if (process.user_timers.next_deadline_ns() != kNever) process.user_timers.run_expired(process.cpu.split().user_ns);
}

}  // namespace mayfly::kernel
