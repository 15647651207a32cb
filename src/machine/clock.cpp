#include "machine/clock.h"

#include <x86intrin.h>

namespace mayfly::machine {
namespace {

u64 measure() {
  constexpr auto kSpan = std::chrono::milliseconds(10);
  auto start = HostClock::now();
  u64 start_ticks = __rdtsc();
  while (HostClock::now() - start < kSpan) _mm_pause();
  auto end = HostClock::now();
  u64 ticks = __rdtsc() - start_ticks;
  return static_cast<u64>((static_cast<unsigned __int128>((end - start).count()) << 32) / ticks);
}

}  // namespace

u64 counter_multiplier() {
  static const u64 multiplier = measure();
  return multiplier;
}

}  // namespace mayfly::machine
