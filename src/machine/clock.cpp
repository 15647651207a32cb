#include "machine/clock.h"

#include <x86intrin.h>

namespace mayfly::machine {
namespace {

/// Both clocks at one time.
struct Reading {
  HostClock::time_point time;
  u64 ticks = 0;
};

/// The best of several: whoever is preempted between two clocks has read them at two times.
Reading read_clocks() {
  constexpr int kTries = 100;
  Reading best;
  auto narrowest = HostClock::duration::max();
  for (int i = 0; i < kTries; ++i) {
    const auto before = HostClock::now();
    const u64 ticks = __rdtsc();
    const auto width = HostClock::now() - before;
    if (width >= narrowest) continue;
    narrowest = width;
    best = {before + width / 2, ticks};
  }
  return best;
}

u64 measure() {
  constexpr auto kSpan = std::chrono::milliseconds(10);
  const Reading start = read_clocks();
  while (HostClock::now() - start.time < kSpan) _mm_pause();
  const Reading end = read_clocks();
  return static_cast<u64>((static_cast<unsigned __int128>((end.time - start.time).count()) << 32) /
                          (end.ticks - start.ticks));
}

}  // namespace

u64 counter_multiplier() {
  static const u64 multiplier = measure();
  return multiplier;
}

}  // namespace mayfly::machine
