#include "server/access_ring.h"

#include <gtest/gtest.h>

#include <thread>

namespace mayfly::server {
namespace {

TEST(AccessRing, GivesBackWhatWasPutIn) {
  AccessRing ring;
  http::AccessRecord out;
  EXPECT_TRUE(ring.empty());
  EXPECT_FALSE(ring.pop(out));
  ASSERT_TRUE(ring.push({.number = 7,
                         .id = "id",
                         .peer = "peer",
                         .method = "GET",
                         .target = "/",
                         .host = "h",
                         .user_agent = "u",
                         .status = 200,
                         .sent_bytes = 9}));
  ASSERT_TRUE(ring.pop(out));
  EXPECT_EQ(out.number, 7u);
  EXPECT_EQ(out.status, 200);
  EXPECT_EQ(out.sent_bytes, 9u);
  for (const auto& [text, expected] : {std::pair{out.id, "id"},
                                       {out.peer, "peer"},
                                       {out.method, "GET"},
                                       {out.target, "/"},
                                       {out.host, "h"},
                                       {out.user_agent, "u"}}) {
    EXPECT_EQ(text, expected);
  }
  EXPECT_TRUE(ring.empty());
}

TEST(AccessRing, AFullOneRefuses) {
  AccessRing ring(4096);
  unsigned put = 0;
  while (ring.push({.number = put, .target = "/some/path"})) ++put;
  EXPECT_GT(put, 3u);
  EXPECT_TRUE(ring.half_full());
  http::AccessRecord out;
  for (unsigned i = 0; i < put; ++i) {
    ASSERT_TRUE(ring.pop(out));
    EXPECT_EQ(out.number, i);
  }
  EXPECT_FALSE(ring.half_full());
  EXPECT_TRUE(ring.push({.number = put}));
}

TEST(AccessRing, LongTextsLoseTheirEnd) {
  AccessRing ring;
  const std::string text(100'000, 'x');
  ASSERT_TRUE(ring.push({.target = text, .user_agent = text}));
  http::AccessRecord out;
  ASSERT_TRUE(ring.pop(out));
  EXPECT_EQ(out.target.size(), AccessRing::kMaxTarget);
  EXPECT_EQ(out.user_agent.size(), AccessRing::kMaxText);
}

TEST(AccessRing, TwoThreadsLoseNothing) {
  constexpr std::uint64_t kRecords = 100'000;
  AccessRing ring(1 << 14);
  std::thread putting([&ring] {
    for (std::uint64_t i = 0; i < kRecords; ++i) {
      const std::string target(i % 300, static_cast<char>('a' + i % 26));
      while (!ring.push({.number = i, .target = target})) std::this_thread::yield();
    }
  });
  http::AccessRecord out;
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < kRecords; ++i) {
    while (!ring.pop(out)) std::this_thread::yield();
    wrong += out.number == i && out.target == std::string(i % 300, static_cast<char>('a' + i % 26)) ? 0 : 1;
  }
  putting.join();
  EXPECT_EQ(wrong, 0u);
}

}  // namespace
}  // namespace mayfly::server
