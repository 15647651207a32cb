#include "guest/kernel/signal/signal_queue.h"

#include "guest/kernel/native/kernel_fixture.h"

namespace mayfly::kernel {
namespace {

SignalInfo make(int number, u64 value) {
  SignalInfo info;
  info.number = number;
  info.sender.value = value;
  return info;
}

constexpr SignalSet kAll{~u64{0}};
constexpr int kOfUser = 0;    // SI_USER
constexpr int kQueued = -1;   // SI_QUEUE
constexpr int kOfTimer = -2;  // SI_TIMER

class SignalQueueTest : public KernelTest {
 protected:
  SignalQueue queue{kernel.process.queued_signals};
};

TEST_F(SignalQueueTest, LowestNumberFirstAndOldestOfItsNumber) {
  EXPECT_TRUE(queue.add(make(40, 1)));
  EXPECT_TRUE(queue.add(make(10, 2)));
  EXPECT_TRUE(queue.add(make(40, 3)));
  SignalInfo info;
  EXPECT_EQ(queue.take(kAll, info), 10);
  EXPECT_EQ(info.sender.value, 2u);
  EXPECT_EQ(queue.take(kAll, info), 40);
  EXPECT_EQ(info.sender.value, 1u);
  EXPECT_TRUE(queue.pending().has(40));
  EXPECT_EQ(queue.take(kAll, info), 40);
  EXPECT_EQ(info.sender.value, 3u);
  EXPECT_EQ(queue.take(kAll, info), 0);
  EXPECT_TRUE(queue.pending().empty());
}

TEST_F(SignalQueueTest, OneOfEachStandardSignal) {
  EXPECT_TRUE(queue.add(make(15, 1)));
  EXPECT_TRUE(queue.add(make(15, 2)));
  SignalInfo info;
  EXPECT_EQ(queue.take(kAll, info), 15);
  EXPECT_EQ(info.sender.value, 1u);
  EXPECT_EQ(queue.take(kAll, info), 0);
}

TEST_F(SignalQueueTest, TakesOnlyWhatIsWanted) {
  (void)queue.add(make(10, 0));
  (void)queue.add(make(12, 0));
  SignalInfo info;
  SignalSet wanted;
  wanted.add(12);
  EXPECT_EQ(queue.take(wanted, info), 12);
  EXPECT_EQ(queue.take(wanted, info), 0);
  EXPECT_TRUE(queue.pending().has(10));
}

TEST_F(SignalQueueTest, TheLimitLosesQueuedSignalsButNoStandardOneAndNoneOfKill) {
  ResourceLimit limit{20, 20};
  ASSERT_EQ(call(__NR_setrlimit, RLIMIT_SIGPENDING, &limit), 0);
  SignalInfo sent = make(50, 0);
  sent.code = kQueued;
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(queue.add(sent));
  EXPECT_FALSE(queue.add(sent));
  SignalQueue other(kernel.process.queued_signals);
  EXPECT_FALSE(other.add(sent)) << "one limit for all queues";
  EXPECT_TRUE(queue.add(make(9, 0)));
  sent.number = 51;
  sent.code = kOfUser;
  EXPECT_TRUE(queue.add(sent));
  SignalInfo info;
  EXPECT_EQ(queue.take(kAll, info), 9);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(queue.take(kAll, info), 50);
  EXPECT_EQ(queue.take(kAll, info), 51);
  EXPECT_TRUE(queue.pending().empty());
  EXPECT_EQ(kernel.process.queued_signals.count(), 0u);
}

TEST_F(SignalQueueTest, FaultsComeFirst) {
  EXPECT_TRUE(queue.add(make(1, 0)));
  EXPECT_TRUE(queue.add(make(11, 0)));
  SignalInfo info;
  EXPECT_EQ(queue.take(kAll, info), 11);
  EXPECT_EQ(queue.take(kAll, info), 1);
}

TEST_F(SignalQueueTest, TimersShareANumber) {
  SignalInfo first;
  first.number = 14;
  first.code = kOfTimer;
  first.timer = {0, 1, 7};
  SignalInfo second = first;
  second.timer.id = 1;
  EXPECT_TRUE(queue.add(make(14, 0)));
  EXPECT_TRUE(queue.add(first));
  EXPECT_TRUE(queue.add(second));
  ASSERT_NE(queue.find_timer(1), nullptr);
  queue.find_timer(1)->timer.overrun = 5;
  SignalInfo info;
  EXPECT_EQ(queue.take(kAll, info), 14);
  EXPECT_EQ(queue.take(kAll, info), 14);
  EXPECT_EQ(info.timer.id, 0);
  EXPECT_EQ(queue.take(kAll, info), 14);
  EXPECT_EQ(info.timer.overrun, 5);
  EXPECT_EQ(queue.take(kAll, info), 0);
}

TEST_F(SignalQueueTest, RemoveForgetsAllOfANumber) {
  (void)queue.add(make(50, 0));
  (void)queue.add(make(51, 7));
  (void)queue.add(make(50, 0));
  queue.remove(50);
  SignalInfo info;
  EXPECT_EQ(queue.take(kAll, info), 51);
  EXPECT_EQ(info.sender.value, 7u);
  EXPECT_EQ(queue.take(kAll, info), 0);
}

}  // namespace
}  // namespace mayfly::kernel
