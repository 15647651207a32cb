// Futexes where a wake-up meets a signal or a deadline, and several words at once.
#include "guest/kernel/process/futex.h"

#include <linux/futex.h>

#include "guest/kernel/native/kernel_fixture.h"

namespace mayfly::kernel {
namespace {

constexpr int kSigusr1 = 10;

class FutexTest : public KernelTest {
 protected:
  Thread& start_waiter() {
    Thread& waiter =
        start([this](Thread& self) { result_ = call_as(self, __NR_futex, &word_, FUTEX_WAIT_PRIVATE, 0, timeout_); });
    thread.yield();
    EXPECT_EQ(waiter.state, Thread::State::blocked);
    return waiter;
  }
  void handle_signal() {
    struct {
      u64 handler, flags, restorer, mask;
    } action{0x1000, 0, 0, 0};
    ASSERT_EQ(call(__NR_rt_sigaction, kSigusr1, &action, nullptr, 8), 0);
  }
  long wake() { return call(__NR_futex, &word_, FUTEX_WAKE_PRIVATE, 1); }

  u32 word_ = 0;
  long result_ = 1;
  const u64 half_second_[2] = {0, 500'000'000};
  const u64* timeout_ = nullptr;
};

TEST_F(FutexTest, AWakeUpIsNotLostToASignal) {
  handle_signal();
  Thread& waiter = start_waiter();
  ASSERT_EQ(call(__NR_tgkill, kernel.process.id, waiter.id, kSigusr1), 0);
  EXPECT_EQ(wake(), 1);
  EXPECT_EQ(wake(), 0);
  thread.yield();
  EXPECT_EQ(result_, 0);
}

TEST_F(FutexTest, AWakeUpIsNotLostToADeadline) {
  timeout_ = half_second_;
  start_waiter();
  host.now_ns += 600'000'000;
  kernel.timers().run_expired(host.now_ns);
  EXPECT_EQ(wake(), 1);
  thread.yield();
  EXPECT_EQ(result_, 0);
}

TEST_F(FutexTest, ASignalThatAnotherThreadTookInterruptsNothing) {
  handle_signal();
  Thread& waiter = start_waiter();
  SignalSet blocked;
  blocked.add(kSigusr1);
  ASSERT_EQ(call(__NR_rt_sigprocmask, 0, &blocked, nullptr, 8), 0);
  ASSERT_EQ(call(__NR_kill, kernel.process.id, kSigusr1), 0);
  EXPECT_EQ(waiter.state, Thread::State::runnable);
  SignalInfo info;
  EXPECT_EQ(kernel.process.pending_signals.take(blocked, info), kSigusr1);
  thread.yield();
  EXPECT_EQ(waiter.state, Thread::State::blocked);
  EXPECT_EQ(wake(), 1);
  thread.yield();
  EXPECT_EQ(result_, 0);
}

TEST_F(FutexTest, OneOfSeveralWords) {
  struct Wanted {
    u64 value, word;
    u32 flags, reserved;
  };
  u32 words[3] = {};
  Wanted wanted[3];
  for (int i = 0; i < 3; ++i) wanted[i] = {0, reinterpret_cast<u64>(&words[i]), 2 | FUTEX_PRIVATE_FLAG, 0};
  long result = -1;
  start([&](Thread& self) { result = call_as(self, __NR_futex_waitv, wanted, 3, 0, nullptr, 0); });
  thread.yield();
  EXPECT_EQ(call(__NR_futex, &words[1], FUTEX_WAKE_PRIVATE, 1), 1);
  thread.yield();
  EXPECT_EQ(result, 1);
  EXPECT_EQ(call(__NR_futex, &words[0], FUTEX_WAKE_PRIVATE, 1), 0);
  words[2] = 1;
  EXPECT_EQ(call(__NR_futex_waitv, wanted, 3, 0, nullptr, 0), -EAGAIN);
}

}  // namespace
}  // namespace mayfly::kernel
