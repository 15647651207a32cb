#include "guest/kernel/sched/cpu_use.h"

namespace mayfly::kernel {

CpuUse::Split CpuUse::split() {
  u64 samples = user_samples_ + system_samples_;
  u64 system_ns = 0;
  if (samples != 0) {
    system_ns = total_ns_ / samples * system_samples_ + total_ns_ % samples * system_samples_ / samples;
  }
  if (system_ns < told_.system_ns) system_ns = told_.system_ns;
  u64 user_ns = total_ns_ - system_ns;
  if (user_ns < told_.user_ns) {
    user_ns = told_.user_ns;
    system_ns = total_ns_ - user_ns;
  }
  told_ = {user_ns, system_ns};
  return told_;
}

}  // namespace mayfly::kernel
