// The time of a machine: CLOCK_MONOTONIC stands still while it is frozen, and may jump forward during boot.
#pragma once

#include <chrono>

#include "abi/types.h"

namespace mayfly::machine {

using HostClock = std::chrono::steady_clock;

/// Not thread-safe.
class GuestClock {
 public:
  /// A clock that shows `start_ns` now.
  explicit GuestClock(u64 start_ns = 1'000'000'000) { restart(start_ns); }

  [[nodiscard]] u64 now_ns() const { return base_ns_ + static_cast<u64>((HostClock::now() - started_).count()); }
  /// Shows `ns` from now on.
  void restart(u64 ns) {
    base_ns_ = ns;
    started_ = HostClock::now();
  }
  void skip(u64 ns) { base_ns_ += ns; }
  /// When the machine's clock will show `ns`.
  [[nodiscard]] HostClock::time_point host_time(u64 ns) const {
    return started_ + std::chrono::nanoseconds(static_cast<i64>(ns - base_ns_));
  }

 private:
  static_assert(HostClock::period::den == 1'000'000'000);
  u64 base_ns_ = 0;
  HostClock::time_point started_;
};

/// Nanoseconds per tick of the processor's counter, times 2^32. Measured once, takes 10 ms the first time.
[[nodiscard]] u64 counter_multiplier();

}  // namespace mayfly::machine
