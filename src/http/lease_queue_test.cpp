#include "http/lease_queue.h"

#include <gtest/gtest.h>

#include <vector>

#include "http/testing/programs.h"

namespace mayfly::http {
namespace {

class LeaseQueueTest : public ::testing::Test {
 protected:
  class Waiter final : public LeaseQueue::Waiter {
   public:
    Waiter(LeaseQueueTest& test, unsigned depth) : test_(test) { info_.depth = depth; }
    [[nodiscard]] const RequestInfo& request_info() const override { return info_; }
    void on_granted(std::unique_ptr<Upstream> upstream) override {
      test_.granted_.push_back(this);
      test_.upstream_ = std::move(upstream);
    }
    void on_refused(const std::exception& error) override { ADD_FAILURE() << error.what(); }

   private:
    LeaseQueueTest& test_;
    RequestInfo info_;
  };

  LeaseQueue::Answer request(Waiter& waiter) {
    std::unique_ptr<Upstream> upstream;
    const LeaseQueue::Answer answer = queue_.request(waiter, upstream);
    if (upstream) upstream_ = std::move(upstream);
    return answer;
  }
  /// Gives the machine back that often, each time for somebody who waits.
  void serve(int times) {
    for (; times > 0; --times) {
      upstream_.reset();
      loop_.turn();
    }
  }

  loop::Counter syscalls_;
  loop::EventLoop loop_{syscalls_};
  Stats stats_;
  testing::FakePoolFigures figures_;
  testing::FakePool pool_{testing::demo_program, 1, figures_};
  LeaseQueue queue_{loop_, pool_, stats_, 2};
  std::unique_ptr<Upstream> upstream_;
  std::vector<const LeaseQueue::Waiter*> granted_;
};

TEST_F(LeaseQueueTest, TheDeepestComeFirstThenTheOldest) {
  Waiter holder(*this, 0), first(*this, 0), second(*this, 1), third(*this, 2), fourth(*this, 1);
  EXPECT_EQ(request(holder), LeaseQueue::Answer::granted);
  for (Waiter* waiter : {&first, &second, &third, &fourth}) EXPECT_EQ(request(*waiter), LeaseQueue::Answer::queued);
  serve(4);
  EXPECT_EQ(granted_, (std::vector<const LeaseQueue::Waiter*>{&third, &second, &fourth, &first}));
}

TEST_F(LeaseQueueTest, OnlyThoseThatNoMachineWaitsForAreTurnedAway) {
  Waiter holder(*this, 0), first(*this, 0), second(*this, 0), third(*this, 0), deep(*this, 1);
  EXPECT_EQ(request(holder), LeaseQueue::Answer::granted);
  EXPECT_EQ(request(first), LeaseQueue::Answer::queued);
  EXPECT_EQ(request(second), LeaseQueue::Answer::queued);
  EXPECT_EQ(request(third), LeaseQueue::Answer::full);
  EXPECT_EQ(request(deep), LeaseQueue::Answer::queued);
  queue_.cancel(first);
  serve(2);
  EXPECT_EQ(granted_, (std::vector<const LeaseQueue::Waiter*>{&deep, &second}));
}

}  // namespace
}  // namespace mayfly::http
