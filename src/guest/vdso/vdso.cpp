// The virtual shared object: clocks without a system call. A shared library of its own that exec maps into the program.
//
// The functions run in the program, at any time and on any of its threads. What they know of the machine is one page
// of the guest kernel's memory, abi::TimePage, whose address the kernel stores in vdso_time_page of its copy.
#include <asm/unistd_64.h>
#include <linux/errno.h>
#include <linux/time.h>
#include <linux/time_types.h>

#include "abi/shared.h"

using mayfly::i64;
using mayfly::u32;
using mayfly::u64;
using mayfly::abi::TimePage;

extern "C" {
/// The ELF entry point of this object names it, so that the kernel finds it without reading symbols.
[[gnu::visibility("hidden"), gnu::used]] const TimePage* const volatile vdso_time_page = nullptr;
}

namespace {

constexpr u64 kNanosecondsPerSecond = 1'000'000'000;
constexpr u64 kNanosecondsPerMicrosecond = 1'000;

struct Timezone {
  int minutes_west;
  int dst_time;
};

struct Timeval {
  i64 seconds;
  i64 microseconds;
};

/// The fence keeps the counter from being read before what precedes it, as a program that compares times of two
/// threads expects; it costs a few nanoseconds.
u64 ordered_counter() {
  u32 low;
  u32 high;
  asm volatile("lfence; rdtsc" : "=a"(low), "=d"(high)::"memory");
  return u64{high} << 32 | low;
}

template <typename T>
T load(const T& word) {
  return __atomic_load_n(&word, __ATOMIC_ACQUIRE);
}

/// @param base which of the page's bases: its clock is read
u64 read_clock(u64 TimePage::*base) {
  const TimePage& page = *vdso_time_page;
  for (;;) {
    u64 sequence = load(page.sequence);
    u64 start = load(page.*base);
    u64 multiplier = load(page.multiplier);
    u64 elapsed = ordered_counter() - load(page.tsc_base);
    if ((sequence & 1) != 0 || load(page.sequence) != sequence) continue;
    // A counter a little behind its base (another processor's, after a migration) is no reason to jump by centuries.
    if (static_cast<i64>(elapsed) < 0) elapsed = 0;
    return start + static_cast<u64>(static_cast<unsigned __int128>(elapsed) * multiplier >> 32);
  }
}

long system_call(long number, long first, const void* second) {
  long result;
  asm volatile("syscall" : "=a"(result) : "a"(number), "D"(first), "S"(second) : "rcx", "r11", "memory");
  return result;
}

/// @return the base of a clock that this page can answer, or null
u64 TimePage::*base_of(int clock) {
  switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_TAI:  // nobody has set a leap-second offset
      return &TimePage::realtime_base_ns;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
      return &TimePage::monotonic_base_ns;
    default:
      return nullptr;
  }
}

}  // namespace

#define MAYFLY_VDSO extern "C" [[gnu::visibility("default")]]

MAYFLY_VDSO int __vdso_clock_gettime(int clock, __kernel_timespec* result) {
  u64 TimePage::*base = base_of(clock);
  if (base == nullptr) return static_cast<int>(system_call(__NR_clock_gettime, clock, result));
  u64 now = read_clock(base);
  result->tv_sec = static_cast<i64>(now / kNanosecondsPerSecond);
  result->tv_nsec = static_cast<i64>(now % kNanosecondsPerSecond);
  return 0;
}

MAYFLY_VDSO int __vdso_clock_getres(int clock, __kernel_timespec* result) {
  if (base_of(clock) == nullptr) return static_cast<int>(system_call(__NR_clock_getres, clock, result));
  if (result != nullptr) *result = {.tv_sec = 0, .tv_nsec = 1};
  return 0;
}

MAYFLY_VDSO int __vdso_gettimeofday(Timeval* result, Timezone* zone) {
  if (result != nullptr) {
    u64 now = read_clock(&TimePage::realtime_base_ns);
    result->seconds = static_cast<i64>(now / kNanosecondsPerSecond);
    result->microseconds = static_cast<i64>(now % kNanosecondsPerSecond / kNanosecondsPerMicrosecond);
  }
  if (zone != nullptr) *zone = {};
  return 0;
}

MAYFLY_VDSO i64 __vdso_time(i64* result) {
  i64 seconds = static_cast<i64>(read_clock(&TimePage::realtime_base_ns) / kNanosecondsPerSecond);
  if (result != nullptr) *result = seconds;
  return seconds;
}

/// One vCPU.
MAYFLY_VDSO int __vdso_getcpu(u32* cpu, u32* node, void*) {
  if (cpu != nullptr) *cpu = 0;
  if (node != nullptr) *node = 0;
  return 0;
}
