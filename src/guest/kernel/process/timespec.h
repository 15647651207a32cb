// Times as programs pass them.
#pragma once

#include "guest/kernel/core/clock.h"
#include "guest/kernel/core/user.h"

namespace mayfly::kernel {

/// struct timespec and, with microseconds, struct timeval: both are two 64-bit words.
struct UserTime {
  i64 seconds;
  i64 fraction;
};

[[nodiscard]] constexpr u64 add_saturating(u64 a, u64 b) {
  return a + b < a ? kNever : a + b;
}

/// Nanoseconds of a timespec. @return 0 and `nanoseconds` (kNever at most: 584 years), or -EINVAL
[[nodiscard]] constexpr long to_nanoseconds(const UserTime& time, u64& nanoseconds) {
  if (time.seconds < 0 || time.fraction < 0 || time.fraction >= static_cast<i64>(kNanosecondsPerSecond)) return -EINVAL;
  constexpr u64 kMostSeconds = kNever / kNanosecondsPerSecond - 1;
  auto seconds = static_cast<u64>(time.seconds);
  nanoseconds = seconds > kMostSeconds ? kNever : seconds * kNanosecondsPerSecond + static_cast<u64>(time.fraction);
  return 0;
}

/// Reads a timespec. @return 0 and `nanoseconds`, -EFAULT or -EINVAL
[[nodiscard]] inline long read_timespec(UserAddress address, u64& nanoseconds) {
  UserTime time{};
  return read_user(address, time) ? to_nanoseconds(time, nanoseconds) : -EFAULT;
}

[[nodiscard]] constexpr UserTime to_timespec(u64 nanoseconds) {
  return {static_cast<i64>(nanoseconds / kNanosecondsPerSecond), static_cast<i64>(nanoseconds % kNanosecondsPerSecond)};
}

[[nodiscard]] inline bool write_timespec(UserAddress address, u64 nanoseconds) {
  return write_user(address, to_timespec(nanoseconds));
}

}  // namespace mayfly::kernel
