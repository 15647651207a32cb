#include <gtest/gtest.h>

#include "guest/kernel/signal/signal_set.h"

namespace mayfly::kernel {
namespace {

SignalInfo make(int number, u64 value) {
  SignalInfo info;
  info.number = number;
  info.sender.value = value;
  return info;
}

constexpr SignalSet kAll{~u64{0}};

TEST(SignalQueueTest, LowestNumberFirstAndOldestOfItsNumber) {
  SignalQueue queue;
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

TEST(SignalQueueTest, OneOfEachStandardSignal) {
  SignalQueue queue;
  EXPECT_TRUE(queue.add(make(15, 1)));
  EXPECT_TRUE(queue.add(make(15, 2)));
  SignalInfo info;
  EXPECT_EQ(queue.take(kAll, info), 15);
  EXPECT_EQ(info.sender.value, 1u);
  EXPECT_EQ(queue.take(kAll, info), 0);
}

TEST(SignalQueueTest, TakesOnlyWhatIsWanted) {
  SignalQueue queue;
  (void)queue.add(make(10, 0));
  (void)queue.add(make(12, 0));
  SignalInfo info;
  SignalSet wanted;
  wanted.add(12);
  EXPECT_EQ(queue.take(wanted, info), 12);
  EXPECT_EQ(queue.take(wanted, info), 0);
  EXPECT_TRUE(queue.pending().has(10));
}

TEST(SignalQueueTest, AFullQueueLosesRealTimeSignalsButNoStandardOne) {
  SignalQueue queue;
  int accepted = 0;
  while (queue.add(make(50, 0))) ASSERT_LT(++accepted, 1000);
  EXPECT_GT(accepted, 0);
  EXPECT_FALSE(queue.add(make(9, 0)));
  SignalInfo info;
  EXPECT_EQ(queue.take(kAll, info), 9);
  for (int i = 0; i < accepted; ++i) EXPECT_EQ(queue.take(kAll, info), 50);
  EXPECT_TRUE(queue.pending().empty());
}

TEST(SignalQueueTest, RemoveForgetsAllOfANumber) {
  SignalQueue queue;
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
