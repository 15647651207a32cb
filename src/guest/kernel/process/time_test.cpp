// Clocks, sleeping and timers against the fixture's clock, which stands still unless a test moves it.
#include "guest/kernel/native/kernel_fixture.h"
#include "guest/kernel/process/timespec.h"
#include "guest/kernel/signal/send.h"

namespace mayfly::kernel {
namespace {

constexpr int kSigalrm = 14;
constexpr int kSigusr1 = 10;
constexpr int kRealtime = 0;
constexpr int kMonotonic = 1;
constexpr int kAbsolute = 1;

class TimeTest : public KernelTest {
 protected:
  TimeTest() {
    host.on_wait = [this] {
      ASSERT_NE(shared().wait.deadline_ns, abi::kNever);
      host.now_ns = shared().wait.deadline_ns;
      ++waits_;
    };
  }
  void advance(u64 nanoseconds) {
    host.now_ns += nanoseconds;
    kernel.timers().run_expired(host.now_ns);
  }
  bool pending(int signal) { return kernel.process.pending_signals.pending().has(signal); }
  void take(int signal) {
    SignalSet wanted;
    wanted.add(signal);
    EXPECT_EQ(take_signal(thread, wanted, info_), signal);
  }

  int waits_ = 0;
  SignalInfo info_;
};

TEST_F(TimeTest, Clocks) {
  UserTime now{};
  for (int clock : {0, 1, 4, 5, 6, 7, 11}) {
    ASSERT_EQ(call(__NR_clock_gettime, clock, &now), 0) << clock;
    EXPECT_EQ(now.seconds, 1) << clock;
  }
  EXPECT_EQ(call(__NR_clock_gettime, 77, &now), -EINVAL);
  EXPECT_EQ(call(__NR_clock_gettime, kMonotonic, nullptr), -EFAULT);
  EXPECT_EQ(call(__NR_clock_getres, kMonotonic, &now), 0);
  EXPECT_EQ(now.fraction, 1);
  EXPECT_EQ(call(__NR_clock_settime, kRealtime, &now), -EPERM);
  EXPECT_EQ(call(__NR_clock_settime, kMonotonic, &now), -EINVAL);
  EXPECT_EQ(call(__NR_time, nullptr), 1);
}

TEST_F(TimeTest, ProcessorTimeStandsStillWhileNothingRuns) {
  UserTime before{};
  UserTime after{};
  UserTime pause{2, 0};
  ASSERT_EQ(call(__NR_clock_gettime, 2, &before), 0);
  ASSERT_EQ(call(__NR_nanosleep, &pause, nullptr), 0);
  ASSERT_EQ(call(__NR_clock_gettime, 2, &after), 0);
  EXPECT_EQ(before.seconds, after.seconds);
  EXPECT_EQ(call(__NR_clock_gettime, static_cast<int>(~kernel.process.id << 3 | 2), &after), 0);
  EXPECT_EQ(call(__NR_clock_gettime, static_cast<int>(~54321u << 3 | 2), &after), -EINVAL);
}

TEST_F(TimeTest, SleepsRelativeAndAbsolute) {
  UserTime half{0, 500'000'000};
  u64 begin = host.now_ns;
  EXPECT_EQ(call(__NR_nanosleep, &half, nullptr), 0);
  EXPECT_EQ(host.now_ns, begin + 500'000'000);
  UserTime until = to_timespec(begin + 900'000'000);
  EXPECT_EQ(call(__NR_clock_nanosleep, kMonotonic, kAbsolute, &until, nullptr), 0);
  EXPECT_EQ(host.now_ns, begin + 900'000'000);
  int waits = waits_;
  EXPECT_EQ(call(__NR_clock_nanosleep, kRealtime, kAbsolute, &half, nullptr), 0) << "past";
  EXPECT_EQ(waits_, waits);
  UserTime invalid{0, 1'000'000'000};
  EXPECT_EQ(call(__NR_nanosleep, &invalid, nullptr), -EINVAL);
  EXPECT_EQ(call(__NR_clock_nanosleep, 3, 0, &half, nullptr), -EOPNOTSUPP);
  EXPECT_EQ(call(__NR_clock_nanosleep, 77, 0, &half, nullptr), -EINVAL);
}

TEST_F(TimeTest, ASignalEndsASleepAndTellsTheRest) {
  struct {
    u64 handler, flags, restorer, mask;
  } action{0x1000, 0, 0, 0};
  ASSERT_EQ(call(__NR_rt_sigaction, kSigalrm, &action, nullptr, 8), 0);
  EXPECT_EQ(call(__NR_alarm, 3), 0);
  UserTime ten{10, 0};
  UserTime left{};
  EXPECT_EQ(call(__NR_nanosleep, &ten, &left), -EINTR);
  EXPECT_EQ(left.seconds, 7);
  EXPECT_TRUE(pending(kSigalrm));
}

TEST_F(TimeTest, AlarmTellsWhatWasLeft) {
  EXPECT_EQ(call(__NR_alarm, 10), 0);
  advance(2'500'000'000);
  EXPECT_EQ(call(__NR_alarm, 0), 8);
  advance(20'000'000'000);
  EXPECT_FALSE(pending(kSigalrm));
}

TEST_F(TimeTest, IntervalTimerRepeats) {
  struct {
    UserTime interval, value;
  } setting{{0, 100'000}, {0, 50'000}}, read{};
  ASSERT_EQ(call(__NR_setitimer, 0, &setting, nullptr), 0);
  advance(50'000'000);
  EXPECT_TRUE(pending(kSigalrm));
  take(kSigalrm);
  ASSERT_EQ(call(__NR_getitimer, 0, &read), 0);
  EXPECT_EQ(read.value.fraction, 100'000);
  EXPECT_EQ(read.interval.fraction, 100'000);
  advance(100'000'000);
  EXPECT_TRUE(pending(kSigalrm));
  setting.value.fraction = 1'000'000;
  EXPECT_EQ(call(__NR_setitimer, 0, &setting, nullptr), -EINVAL);
  EXPECT_EQ(call(__NR_setitimer, 7, &setting, nullptr), -EINVAL);
}

TEST_F(TimeTest, PosixTimerSignalsWithItsValueAndCountsOverruns) {
  struct {
    u64 value;
    i32 signal, notify, thread_id, unused[11];
  } event{42, kSigusr1, 0, 0, {}};
  i32 id = -1;
  ASSERT_EQ(call(__NR_timer_create, kMonotonic, &event, &id), 0);
  struct {
    UserTime interval, value;
  } setting{{0, 1'000'000}, {0, 1'000'000}}, read{};
  ASSERT_EQ(call(__NR_timer_settime, id, 0, &setting, nullptr), 0);
  advance(5'500'000);
  EXPECT_TRUE(pending(kSigusr1));
  take(kSigusr1);
  EXPECT_EQ(call(__NR_timer_getoverrun, id), 4);
  EXPECT_EQ(info_.code, -2) << "SI_TIMER";
  EXPECT_EQ(info_.timer.value, 42u);
  EXPECT_EQ(info_.timer.overrun, 4);
  ASSERT_EQ(call(__NR_timer_gettime, id, &read), 0);
  EXPECT_EQ(read.value.fraction, 500'000);
  EXPECT_EQ(call(__NR_timer_delete, id), 0);
  EXPECT_EQ(call(__NR_timer_delete, id), -EINVAL);
  advance(5'000'000);
  EXPECT_FALSE(pending(kSigusr1));
}

TEST_F(TimeTest, PosixTimersAreLimitedAndChecked) {
  i32 id = 0;
  int created = 0;
  while (call(__NR_timer_create, kMonotonic, nullptr, &id) == 0) ASSERT_LT(++created, 1000);
  EXPECT_EQ(call(__NR_timer_create, kMonotonic, nullptr, &id), -EAGAIN);
  EXPECT_EQ(call(__NR_timer_create, 99, nullptr, &id), -EINVAL);
  for (i32 i = 0; i < created; ++i) EXPECT_EQ(call(__NR_timer_delete, i), 0);
}

TEST_F(TimeTest, ProcessorTimeIsEachThreadsOwn) {
  UserTime mine{};
  UserTime others{};
  UserTime all{};
  start([&](Thread& self) {
    host.now_ns += 3'000'000'000;
    ASSERT_EQ(call_as(self, __NR_clock_gettime, 3, &others), 0);
  });
  host.now_ns += 1'000'000'000;
  thread.yield();
  ASSERT_EQ(call(__NR_clock_gettime, 3, &mine), 0);
  ASSERT_EQ(call(__NR_clock_gettime, 2, &all), 0);
  EXPECT_EQ(mine.seconds, 1);
  EXPECT_EQ(others.seconds, 3);
  EXPECT_EQ(all.seconds, 4);
}

TEST_F(TimeTest, TimersOnProcessorTime) {
  struct {
    UserTime interval, value;
  } setting{{0, 0}, {1, 0}}, read{};
  constexpr int kVirtual = 1;
  constexpr int kProfile = 2;
  constexpr int kSigvtalrm = 26;
  constexpr int kSigprof = 27;
  ASSERT_EQ(call(__NR_setitimer, kVirtual, &setting, nullptr), 0);
  ASSERT_EQ(call(__NR_setitimer, kProfile, &setting, nullptr), 0);
  kernel.scheduler.preempt(false);
  host.now_ns += 600'000'000;
  kernel.scheduler.preempt(true);
  ASSERT_EQ(call(__NR_getitimer, kProfile, &read), 0);
  EXPECT_EQ(read.value.fraction, 400'000);
  EXPECT_FALSE(pending(kSigprof));
  host.now_ns += 600'000'000;
  kernel.scheduler.preempt(false);
  EXPECT_TRUE(pending(kSigprof));
  EXPECT_FALSE(pending(kSigvtalrm)) << "half of it was the kernel's";
  host.now_ns += 2'000'000'000;
  kernel.scheduler.preempt(true);
  EXPECT_TRUE(pending(kSigvtalrm));
}

TEST_F(TimeTest, SleepsWhileOthersUseTheProcessor) {
  bool done = false;
  UserTime second{1, 0};
  start([&](Thread& self) {
    EXPECT_EQ(call_as(self, __NR_clock_nanosleep, 2, 0, &second, nullptr), 0);
    done = true;
  });
  thread.yield();
  host.now_ns += 500'000'000;
  kernel.scheduler.preempt(true);
  EXPECT_FALSE(done);
  host.now_ns += 600'000'000;
  kernel.scheduler.preempt(true);
  thread.yield();
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace mayfly::kernel
