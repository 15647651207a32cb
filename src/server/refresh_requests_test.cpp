#include "server/refresh_requests.h"

#include <gtest/gtest.h>

#include <thread>

namespace mayfly::server {
namespace {

TEST(RefreshRequests, ThoseBeforeTheBeginAreOneAndTheFirstCounts) {
  RefreshRequests requests;
  requests.request(RefreshCause::admin);
  requests.request(RefreshCause::signal);
  requests.request(RefreshCause::signal);
  EXPECT_TRUE(requests.wait({}));
  EXPECT_EQ(requests.take(), RefreshCause::admin);
  EXPECT_EQ(requests.take(), std::nullopt);
}

TEST(RefreshRequests, OneDuringARefreshAsksForAnother) {
  RefreshRequests requests;
  requests.request(RefreshCause::signal);
  EXPECT_EQ(requests.take(), RefreshCause::signal);
  requests.request(RefreshCause::admin);
  EXPECT_TRUE(requests.wait({}));
  EXPECT_EQ(requests.take(), RefreshCause::admin);
}

TEST(RefreshRequests, ComingOfAgeIsARequest) {
  RefreshRequests requests;
  EXPECT_TRUE(requests.wait(RefreshRequests::Clock::now()));
  EXPECT_EQ(requests.take(), RefreshCause::interval);
}

TEST(RefreshRequests, WhoeverAsksComesBeforeTheAge) {
  RefreshRequests requests;
  requests.request(RefreshCause::admin);
  EXPECT_TRUE(requests.wait(RefreshRequests::Clock::now()));
  EXPECT_EQ(requests.take(), RefreshCause::admin);
}

TEST(RefreshRequests, ANudgeAsksForNothing) {
  RefreshRequests requests;
  requests.nudge();
  EXPECT_TRUE(requests.wait({}));
  EXPECT_EQ(requests.take(), std::nullopt);
}

TEST(RefreshRequests, ANudgeIsForgottenOnceSeen) {
  RefreshRequests requests;
  requests.nudge();
  EXPECT_TRUE(requests.wait({}));
  EXPECT_TRUE(requests.wait(RefreshRequests::Clock::now()));
  EXPECT_EQ(requests.take(), RefreshCause::interval);
}

TEST(RefreshRequests, WakeAWaitingThread) {
  RefreshRequests requests;
  std::optional<RefreshCause> taken;
  std::thread thread([&] {
    if (requests.wait({})) taken = requests.take();
  });
  requests.request(RefreshCause::signal);
  thread.join();
  EXPECT_EQ(taken, RefreshCause::signal);
}

TEST(RefreshRequests, ClosingEndsTheWaitForGood) {
  RefreshRequests requests;
  bool open = true;
  std::thread thread([&] { open = requests.wait({}); });
  requests.close();
  thread.join();
  EXPECT_FALSE(open);
  requests.request(RefreshCause::signal);
  EXPECT_FALSE(requests.wait({}));
}

}  // namespace
}  // namespace mayfly::server
