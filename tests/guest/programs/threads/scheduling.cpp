// sched_* and priorities, as far as they need no privilege; errors in their order.
#include <linux/sched.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>

#include "check.h"

namespace {

/// <linux/sched/types.h> and <sched.h> do not go together.
struct sched_attr {
  unsigned size;
  unsigned sched_policy;
  unsigned long sched_flags;
  int sched_nice;
  unsigned sched_priority;
  unsigned long sched_runtime, sched_deadline, sched_period;
};
constexpr size_t SCHED_ATTR_SIZE_VER0 = sizeof(sched_attr);

template <typename... Args>
long call(long number, Args... args) {
  return syscall(number, args...);
}
void* const kBad = reinterpret_cast<void*>(64);

void policies() {
  sched_param parameter{0};
  CHECK(call(SYS_sched_getscheduler, 0) == SCHED_NORMAL);
  CHECK(call(SYS_sched_setscheduler, 0, SCHED_BATCH, &parameter) == 0);
  CHECK(call(SYS_sched_getscheduler, 0) == SCHED_BATCH);
  std::thread([] { CHECK(call(SYS_sched_getscheduler, 0) == SCHED_BATCH); }).join();
  CHECK(call(SYS_sched_setscheduler, 0, SCHED_NORMAL | SCHED_RESET_ON_FORK, &parameter) == 0);
  CHECK(call(SYS_sched_getscheduler, 0) == (SCHED_NORMAL | SCHED_RESET_ON_FORK));
  parameter.sched_priority = 1;
  CHECK(call(SYS_sched_setscheduler, 0, SCHED_NORMAL, &parameter) == -1 && errno == EINVAL);
  CHECK(call(SYS_sched_setscheduler, 0, 77, &parameter) == -1 && errno == EINVAL);
  CHECK(call(SYS_sched_setscheduler, -1, SCHED_NORMAL, &parameter) == -1 && errno == EINVAL);
  CHECK(call(SYS_sched_setscheduler, 0, SCHED_NORMAL, nullptr) == -1 && errno == EINVAL);
  CHECK(call(SYS_sched_setscheduler, 0, SCHED_NORMAL, kBad) == -1 && errno == EFAULT);
  CHECK(call(SYS_sched_getscheduler, -1) == -1 && errno == EINVAL);
  CHECK(call(SYS_sched_getscheduler, 99'999'999) == -1 && errno == ESRCH);
  CHECK(call(SYS_sched_getparam, 0, &parameter) == 0 && parameter.sched_priority == 0);
  CHECK(call(SYS_sched_getparam, 0, nullptr) == -1 && errno == EINVAL);
  CHECK(call(SYS_sched_getparam, 0, kBad) == -1 && errno == EFAULT);
  passed("policies");
}

void attributes() {
  sched_attr attributes{};
  CHECK(call(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) == 0);
  CHECK(attributes.size >= SCHED_ATTR_SIZE_VER0 && attributes.sched_policy == SCHED_NORMAL);
  CHECK(attributes.sched_flags == SCHED_FLAG_RESET_ON_FORK);
  CHECK(call(SYS_sched_getattr, 0, &attributes, 8, 0) == -1 && errno == EINVAL);
  CHECK(call(SYS_sched_getattr, 0, &attributes, sizeof attributes, 1) == -1 && errno == EINVAL);
  attributes = {};
  attributes.size = SCHED_ATTR_SIZE_VER0;
  attributes.sched_policy = SCHED_IDLE;
  CHECK(call(SYS_sched_setattr, 0, &attributes, 0) == 0);
  CHECK(call(SYS_sched_getscheduler, 0) == SCHED_IDLE);
  CHECK(call(SYS_sched_setattr, 0, &attributes, 1) == -1 && errno == EINVAL);
  CHECK(call(SYS_sched_setattr, 0, nullptr, 0) == -1 && errno == EINVAL);
  CHECK(call(SYS_sched_setattr, 0, kBad, 0) == -1 && errno == EFAULT);
  attributes.size = 16;
  CHECK(call(SYS_sched_setattr, 0, &attributes, 0) == -1 && errno == E2BIG);
  sched_param parameter{0};
  CHECK(call(SYS_sched_setscheduler, 0, SCHED_NORMAL, &parameter) == 0);
  passed("attributes");
}

void ranges() {
  CHECK(call(SYS_sched_get_priority_max, SCHED_FIFO) == 99 && call(SYS_sched_get_priority_min, SCHED_RR) == 1);
  CHECK(call(SYS_sched_get_priority_max, SCHED_NORMAL) == 0 && call(SYS_sched_get_priority_min, SCHED_BATCH) == 0);
  CHECK(call(SYS_sched_get_priority_max, 77) == -1 && errno == EINVAL);
  timespec slice{};
  CHECK(call(SYS_sched_rr_get_interval, 0, &slice) == 0 && slice.tv_sec == 0);
  CHECK(call(SYS_sched_rr_get_interval, -1, &slice) == -1 && errno == EINVAL);
  CHECK(call(SYS_sched_rr_get_interval, 0, kBad) == -1 && errno == EFAULT);
  passed("ranges");
}

void affinity() {
  unsigned long mask[16] = {};
  long size = call(SYS_sched_getaffinity, 0, sizeof mask, mask);
  CHECK(size > 0 && size % 8 == 0 && mask[0] != 0);
  unsigned long lowest = mask[0] & -mask[0];
  CHECK(call(SYS_sched_setaffinity, 0, sizeof lowest, &lowest) == 0);
  CHECK(call(SYS_sched_getaffinity, 0, sizeof mask, mask) == size && mask[0] == lowest);
  unsigned cpu = 0;
  unsigned node = 0;
  CHECK(call(SYS_getcpu, &cpu, &node, nullptr) == 0 && 1UL << cpu == lowest);
  CHECK(call(SYS_getcpu, nullptr, nullptr, nullptr) == 0);
  CHECK(call(SYS_getcpu, kBad, nullptr, nullptr) == -1 && errno == EFAULT);
  CHECK(call(SYS_sched_getaffinity, 0, 4, mask) == -1 && errno == EINVAL);
  CHECK(call(SYS_sched_getaffinity, 0, 12, mask) == -1 && errno == EINVAL);
  CHECK(call(SYS_sched_getaffinity, 0, sizeof mask, kBad) == -1 && errno == EFAULT);
  CHECK(call(SYS_sched_getaffinity, 99'999'999, sizeof mask, mask) == -1 && errno == ESRCH);
  unsigned long none = 0;
  CHECK(call(SYS_sched_setaffinity, 0, sizeof none, &none) == -1 && errno == EINVAL);
  CHECK(call(SYS_sched_setaffinity, 0, sizeof none, kBad) == -1 && errno == EFAULT);
  passed("affinity");
}

void priorities() {
  CHECK(getpriority(PRIO_PROCESS, 0) == 0);
  CHECK(setpriority(PRIO_PROCESS, 0, 5) == 0 && getpriority(PRIO_PROCESS, 0) == 5);
  CHECK(setpriority(PRIO_PROCESS, 0, 500) == 0 && getpriority(PRIO_PROCESS, 0) == 19);
  CHECK(call(SYS_getpriority, 7, 0) == -1 && errno == EINVAL);
  CHECK(call(SYS_getpriority, PRIO_PROCESS, 99'999'999) == -1 && errno == ESRCH);
  CHECK(call(SYS_setpriority, 7, 0, 0) == -1 && errno == EINVAL);
  std::thread([] { CHECK(getpriority(PRIO_PROCESS, 0) == 19); }).join();
  CHECK(sched_yield() == 0);
  passed("priorities");
}

}  // namespace

int main() {
  policies();
  attributes();
  ranges();
  affinity();
  priorities();
}
