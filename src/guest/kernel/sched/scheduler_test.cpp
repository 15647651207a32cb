#include "guest/kernel/sched/scheduler.h"

#include "guest/kernel/native/kernel_fixture.h"

namespace mayfly::kernel {
namespace {

class SchedulerTest : public KernelTest {
 protected:
  /// The running thread uses the processor, then lets whoever deserves it go on.
  void use(u64 milliseconds) {
    host.now_ns += milliseconds * 1'000'000;
    kernel.scheduler.preempt(true);
  }

  std::string order_;
};

TEST_F(SchedulerTest, ThreadsTakeTurns) {
  for (char name : {'a', 'b'}) {
    start([this, name](Thread&) {
      for (int i = 0; i < 3; ++i) {
        order_ += name;
        use(2);
      }
    });
  }
  while (order_.size() < 6) use(2);
  EXPECT_EQ(order_, "ababab");
}

TEST_F(SchedulerTest, WhoeverSleptGoesBeforeThoseWhoRan) {
  Thread& sleeper = start([this](Thread& self) {
    while (order_.size() < 4) {
      self.block();
      order_ += 's';
    }
  });
  thread.yield();
  Thread* busy[2];
  for (Thread*& one : busy) {
    one = &start([this](Thread& self) {
      while (order_.size() < 4) {
        order_ += 'b';
        host.now_ns += 1'000'000;
        self.block();
      }
    });
  }
  thread.yield();
  ASSERT_EQ(order_, "bb");
  for (Thread* one : busy) one->wake_up();
  sleeper.wake_up();
  thread.yield();
  EXPECT_EQ(order_, "bbsb") << "though it was woken last";
  sleeper.wake_up();
  for (Thread* one : busy) one->wake_up();
  thread.yield();
}

TEST_F(SchedulerTest, LongSleepEarnsNoMoreThanAShortOne) {
  bool slept = false;
  Thread& sleeper = start([&](Thread& self) {
    self.block();
    slept = true;
    while (order_.size() < 100) {
      order_ += 's';
      use(1);
    }
  });
  start([this](Thread&) {
    while (order_.size() < 100) {
      order_ += 'b';
      use(1);
    }
  });
  thread.yield();
  while (order_.size() < 20) use(1);
  sleeper.wake_up();
  order_.clear();
  while (order_.size() < 100) thread.yield();
  EXPECT_TRUE(slept);
  EXPECT_LT(order_.find('b'), 5U) << order_;
}

TEST_F(SchedulerTest, WhoeverYieldsLetsAllOthersGoFirst) {
  for (char name : {'a', 'b', 'c'}) {
    start([this, name](Thread&) {
      host.now_ns += 10'000'000;
      order_ += name;
    });
  }
  thread.yield();
  EXPECT_EQ(order_, "abc");
}

TEST_F(SchedulerTest, TheThreadThatDeservesItMostGoesOn) {
  start([this](Thread&) {
    use(50);
    order_ += 'b';
  });
  thread.yield();
  order_ += 'm';
  u64 switches = kernel.scheduler.switches();
  use(1);
  EXPECT_EQ(kernel.scheduler.switches(), switches) << "the other one has had 49 ms more";
  EXPECT_EQ(order_, "m");
  use(60);
  EXPECT_EQ(order_, "mb");
}

}  // namespace
}  // namespace mayfly::kernel
