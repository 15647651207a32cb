#include "http/client_pace.h"

#include <gtest/gtest.h>

namespace mayfly::http {
namespace {

using namespace std::chrono_literals;

constexpr ClientPace::TimePoint kStart{};

TEST(ClientPace, EachRequestHasItsGrace) {
  ClientPace pace(1s, 1'000);
  pace.begin();
  EXPECT_FALSE(pace.waits());
  pace.wait(kStart + 5s, 0);
  EXPECT_TRUE(pace.waits());
  EXPECT_EQ(pace.due(), kStart + 6s);
}

TEST(ClientPace, OnlyWaitingCounts) {
  ClientPace pace(1s, 1'000);
  pace.wait(kStart, 0);
  pace.go_on(kStart + 400ms, 0);
  EXPECT_FALSE(pace.waits());
  pace.go_on(kStart + 50s, 0);
  pace.wait(kStart + 100s, 0);
  pace.wait(kStart + 100'100ms, 0);
  EXPECT_EQ(pace.due(), kStart + 100'600ms);
}

TEST(ClientPace, BytesPayForTime) {
  ClientPace pace(1s, 1'000);
  pace.wait(kStart, 0);
  pace.go_on(kStart + 900ms, 100);
  pace.wait(kStart + 2s, 300);
  EXPECT_EQ(pace.due(), kStart + 2'400ms);
}

TEST(ClientPace, NothingIsPaidInAdvance) {
  ClientPace pace(1s, 1'000);
  pace.wait(kStart, 1'000'000'000);
  EXPECT_EQ(pace.due(), kStart + 1s);
  pace.go_on(kStart + 500ms, 2'000'000'000);
  pace.wait(kStart + 1s, 2'000'000'000);
  EXPECT_EQ(pace.due(), kStart + 2s);
}

TEST(ClientPace, ANewRequestBeginsAnew) {
  ClientPace pace(1s, 1'000);
  pace.wait(kStart, 500);
  pace.go_on(kStart + 900ms, 500);
  pace.begin();
  pace.wait(kStart + 2s, 0);
  EXPECT_EQ(pace.due(), kStart + 3s);
}

}  // namespace
}  // namespace mayfly::http
