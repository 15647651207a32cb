#include "guest/kernel/process/exit.h"

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/robust_list.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {

void exit_program(int status) {
  host_call(abi::Call::exit, static_cast<u64>(status & 0xff));
  panic("the machine went on after its program's end");
}

void exit_thread(Thread& thread, int status) {
  Kernel& kernel = thread.kernel;
  if (thread.process.thread_count == 1) exit_program(status);
  settle_robust_list(thread);
  if (thread.clear_child_tid != 0 && write_user(thread.clear_child_tid, u32{0})) {
    kernel.futexes.wake(futex_key(thread.process, thread.clear_child_tid, false), 1);
  }
  thread.process.thread_exited(thread);
  kernel.scheduler.reschedule();
  panic("an exited thread was scheduled");
}

MAYFLY_SYSCALL(exit) {
  exit_thread(thread, static_cast<int>(args[0]));
}

MAYFLY_SYSCALL(exit_group) {
  exit_program(static_cast<int>(args[0]));
}

MAYFLY_SYSCALL(set_tid_address) {
  thread.clear_child_tid = args[0];
  return thread.id;
}

// There are no children.
MAYFLY_SYSCALL(wait4) {
  return -ECHILD;
}
MAYFLY_SYSCALL(waitid) {
  return -ECHILD;
}

}  // namespace mayfly::kernel
