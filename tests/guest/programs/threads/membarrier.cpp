// membarrier: what there is, registration before use, and what is refused.
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <initializer_list>

#include "check.h"

namespace {
long membarrier(int command, unsigned flags = 0, int cpu = 0) {
  return syscall(SYS_membarrier, command, flags, cpu);
}
}  // namespace

int main() {
  long supported = membarrier(MEMBARRIER_CMD_QUERY);
  CHECK(supported > 0);
  for (int command : {MEMBARRIER_CMD_GLOBAL, MEMBARRIER_CMD_PRIVATE_EXPEDITED, MEMBARRIER_CMD_GLOBAL_EXPEDITED,
                      MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE}) {
    CHECK((supported & command) != 0);
  }
  passed("supported");
  CHECK(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == -1 && errno == EPERM);
  CHECK(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE) == -1 && errno == EPERM);
  CHECK(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0);
  CHECK(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0);
  CHECK(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE) == -1 && errno == EPERM);
  CHECK(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE) == 0);
  CHECK(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE) == 0);
  CHECK(membarrier(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED) == 0);
  CHECK(membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED) == 0);
  CHECK(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ) == 0);
  CHECK(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, MEMBARRIER_CMD_FLAG_CPU, 0) == 0);
  passed("registration");
  CHECK(membarrier(MEMBARRIER_CMD_QUERY, 1) == -1 && errno == EINVAL);
  CHECK(membarrier(MEMBARRIER_CMD_GLOBAL, 1) == -1 && errno == EINVAL);
  CHECK(membarrier(3) == -1 && errno == EINVAL);
  CHECK(membarrier(1 << 20) == -1 && errno == EINVAL);
  passed("refused");
}
