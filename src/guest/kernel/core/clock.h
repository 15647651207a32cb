// Time in the guest, from the counter and the page that the host keeps up to date.
#pragma once

#include "abi/shared.h"

namespace mayfly::kernel {

inline constexpr u64 kNanosecondsPerSecond = 1'000'000'000;
inline constexpr u64 kNever = abi::kNever;

/// CLOCK_MONOTONIC: stands still while the machine is frozen.
[[nodiscard]] u64 monotonic_ns();
/// CLOCK_REALTIME.
[[nodiscard]] u64 realtime_ns();

}  // namespace mayfly::kernel
