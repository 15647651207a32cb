// Processor time used by a thread or by all of a process.
#pragma once

#include "abi/types.h"

namespace mayfly::kernel {

/// The sum is exact. How it divides into user and system is sampled at the ends of time slices, as Linux's tick does.
class CpuUse {
 public:
  struct Split {
    u64 user_ns;
    u64 system_ns;
  };

  void add(u64 nanoseconds) { total_ns_ += nanoseconds; }
  void sample(bool in_user) { ++(in_user ? user_samples_ : system_samples_); }
  [[nodiscard]] u64 total_ns() const { return total_ns_; }
  /// Neither part ever shrinks from one call to the next.
  [[nodiscard]] Split split();

  u64 voluntary_switches = 0;
  u64 involuntary_switches = 0;

 private:
  u64 total_ns_ = 0;
  u64 user_samples_ = 0;
  u64 system_samples_ = 0;
  Split told_{};
};

}  // namespace mayfly::kernel
