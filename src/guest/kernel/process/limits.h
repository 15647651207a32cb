// Resource limits (getrlimit). Those that mean something here are enforced elsewhere; the others are remembered.
#pragma once

#include <asm/resource.h>

#include "abi/types.h"

namespace mayfly::kernel {

class Process;

/// struct rlimit64.
struct ResourceLimit {
  u64 soft;
  u64 hard;
};

class ResourceLimits {
 public:
  static constexpr u32 kCount = RLIM_NLIMITS;

  ResourceLimits();
  [[nodiscard]] const ResourceLimit& get(u32 resource) const { return limits_[resource]; }
  /// @return 0, -EINVAL, or -EPERM for a higher hard limit
  long set(Process& process, u32 resource, const ResourceLimit& limit);

 private:
  ResourceLimit limits_[kCount];
};

}  // namespace mayfly::kernel
