// NUMA policies: there is one memory node, so that they have nothing to choose from.
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {

MAYFLY_SYSCALL(mbind) {
  return 0;
}
MAYFLY_SYSCALL(set_mempolicy) {
  return 0;
}
MAYFLY_SYSCALL(get_mempolicy) {
  return args[0] != 0 && !write_user(args[0], i32{0}) ? -EFAULT : 0;
}

}  // namespace mayfly::kernel
