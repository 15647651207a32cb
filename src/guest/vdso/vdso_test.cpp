// Runs the built vDSO natively against a time page made up here.
#include <dlfcn.h>
#include <elf.h>
#include <gtest/gtest.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <x86intrin.h>

#include <ctime>
#include <string>

#include "abi/shared.h"

namespace mayfly {
namespace {

constexpr i64 kSecond = 1'000'000'000;

class VdsoTest : public testing::Test {
 protected:
  void SetUp() override {
    library_ = dlopen(MAYFLY_VDSO_FILE, RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(library_, nullptr) << dlerror();
    link_map* map = nullptr;
    ASSERT_EQ(dlinfo(library_, RTLD_DI_LINKMAP, &map), 0);
    // The vDSO's only segment starts with its ELF header.
    auto* header = reinterpret_cast<const Elf64_Ehdr*>(map->l_addr);
    u64 slot = map->l_addr + header->e_entry;
    auto* page = reinterpret_cast<void*>(abi::page_floor(slot));
    ASSERT_EQ(mprotect(page, abi::kPageSize, PROT_READ | PROT_WRITE | PROT_EXEC), 0);
    *reinterpret_cast<const abi::TimePage**>(slot) = &time_;
    time_.tsc_base = __rdtsc();
    time_.multiplier = u64{1} << 32;  // one nanosecond a tick
    time_.monotonic_base_ns = 5 * kSecond + 7;
    time_.realtime_base_ns = 1'700'000'000 * u64{kSecond};
  }
  void TearDown() override {
    if (library_ != nullptr) dlclose(library_);
  }

  template <typename Function>
  Function* find(const char* name) {
    void* symbol = dlvsym(library_, name, "LINUX_2.6");
    EXPECT_NE(symbol, nullptr) << name;
    return reinterpret_cast<Function*>(symbol);
  }
  i64 read(int clock) {
    timespec now{};
    EXPECT_EQ(find<int(int, timespec*)>("__vdso_clock_gettime")(clock, &now), 0);
    EXPECT_LT(now.tv_nsec, kSecond);
    return now.tv_sec * kSecond + now.tv_nsec;
  }

  abi::TimePage time_{};
  void* library_ = nullptr;
};

TEST_F(VdsoTest, ClocksFollowTheirBases) {
  for (int clock : {CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME}) {
    EXPECT_GE(read(clock), 5 * kSecond + 7) << clock;
    EXPECT_LT(read(clock), 1000 * kSecond) << clock;
  }
  for (int clock : {CLOCK_REALTIME, CLOCK_REALTIME_COARSE}) {
    EXPECT_GE(read(clock), 1'700'000'000 * kSecond) << clock;
    EXPECT_LT(read(clock), 1'700'001'000 * kSecond) << clock;
  }
}

TEST_F(VdsoTest, MultiplierScalesTheCounter) {
  time_.tsc_base = __rdtsc() - (u64{1} << 40);
  time_.multiplier = u64{1} << 31;
  time_.monotonic_base_ns = 0;
  i64 now = read(CLOCK_MONOTONIC);
  EXPECT_GE(now, i64{1} << 39);
  EXPECT_LT(now, (i64{1} << 39) + 1000 * kSecond);
}

TEST_F(VdsoTest, AgreesWithTheSystemOverAnInterval) {
  // Calibrated against the system's clock over the same interval that is compared: only the reading is under test.
  timespec begin{};
  clock_gettime(CLOCK_MONOTONIC, &begin);
  u64 begin_tsc = __rdtsc();
  timespec end = begin;
  i64 elapsed = 0;
  while (elapsed < 20'000'000) {
    clock_gettime(CLOCK_MONOTONIC, &end);
    elapsed = (end.tv_sec - begin.tv_sec) * kSecond + end.tv_nsec - begin.tv_nsec;
  }
  u64 ticks = __rdtsc() - begin_tsc;
  time_.multiplier = static_cast<u64>((static_cast<unsigned __int128>(elapsed) << 32) / ticks);
  time_.tsc_base = begin_tsc;
  time_.monotonic_base_ns = static_cast<u64>(begin.tv_sec * kSecond + begin.tv_nsec);
  i64 ours = read(CLOCK_MONOTONIC);
  clock_gettime(CLOCK_MONOTONIC, &end);
  i64 theirs = end.tv_sec * kSecond + end.tv_nsec;
  EXPECT_NEAR(static_cast<double>(ours), static_cast<double>(theirs), 5e6);
}

TEST_F(VdsoTest, NeverGoesBackwards) {
  i64 previous = 0;
  for (int i = 0; i < 100'000; ++i) {
    i64 now = read(CLOCK_MONOTONIC);
    ASSERT_GE(now, previous);
    previous = now;
  }
}

TEST_F(VdsoTest, CounterBehindItsBaseReadsTheBase) {
  time_.tsc_base = __rdtsc() + (u64{1} << 50);
  EXPECT_EQ(read(CLOCK_MONOTONIC), 5 * kSecond + 7);
}

TEST_F(VdsoTest, CpuClocksAndUnknownOnesAreSystemCalls) {
  auto* clock_gettime_function = find<int(int, timespec*)>("__vdso_clock_gettime");
  timespec now{};
  EXPECT_EQ(clock_gettime_function(CLOCK_THREAD_CPUTIME_ID, &now), 0);
  EXPECT_EQ(clock_gettime_function(CLOCK_PROCESS_CPUTIME_ID, &now), 0);
  EXPECT_EQ(clock_gettime_function(77, &now), -EINVAL);
}

TEST_F(VdsoTest, OtherFunctions) {
  timespec resolution{};
  EXPECT_EQ(find<int(int, timespec*)>("__vdso_clock_getres")(CLOCK_MONOTONIC, &resolution), 0);
  EXPECT_EQ(resolution.tv_nsec, 1);
  EXPECT_EQ(find<int(int, timespec*)>("__vdso_clock_getres")(CLOCK_MONOTONIC, nullptr), 0);

  timeval now{};
  EXPECT_EQ(find<int(timeval*, void*)>("__vdso_gettimeofday")(&now, nullptr), 0);
  EXPECT_GE(now.tv_sec, 1'700'000'000);
  EXPECT_LT(now.tv_usec, 1'000'000);

  time_t seconds = 0;
  EXPECT_GE(find<time_t(time_t*)>("__vdso_time")(&seconds), 1'700'000'000);
  EXPECT_GE(seconds, 1'700'000'000);

  unsigned cpu = 9;
  unsigned node = 9;
  EXPECT_EQ(find<int(unsigned*, unsigned*, void*)>("__vdso_getcpu")(&cpu, &node, nullptr), 0);
  EXPECT_EQ(cpu, 0u);
  EXPECT_EQ(node, 0u);
}

}  // namespace
}  // namespace mayfly
