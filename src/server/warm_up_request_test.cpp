#include "server/warm_up_request.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/error.h"
#include "http/options.h"
#include "http/request_parser.h"

namespace mayfly::server {
namespace {

TEST(WarmUpRequest, IsWhatTheFrontEndPassesOnAndMarked) {
  const http::Limits limits;
  for (std::size_t client = 0; client < kWarmUpClients; ++client) {
    const std::string text = warm_up_request("/page?q=1", client);
    http::RequestParser parser(limits);
    ASSERT_EQ(parser.parse(text), http::HeadParser::Result::complete) << text;
    EXPECT_EQ(parser.head_bytes(), text.size());
    EXPECT_EQ(parser.head().target, "/page?q=1");
    EXPECT_EQ(parser.head().host, "localhost");
    EXPECT_TRUE(parser.head().keep_alive);
    EXPECT_EQ(parser.head().framing, http::Framing::none);
    for (const char* name :
         {"X-Mayfly-Warmup", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Request-Id"}) {
      EXPECT_TRUE(parser.head().fields->find(name)) << name << " in " << text;
    }
  }
}

TEST(WarmUpRequest, ClientsDifferAndTakeTurns) {
  std::set<std::string> texts;
  for (std::size_t client = 0; client < kWarmUpClients; ++client) texts.insert(warm_up_request("/", client));
  EXPECT_EQ(texts.size(), kWarmUpClients);
  EXPECT_EQ(warm_up_request("/", 1), warm_up_request("/", kWarmUpClients + 1));
}

TEST(WarmUpRequest, APathThatNoClientCouldAskForIsRefused) {
  EXPECT_THROW((void)warm_up_request("/a b", 0), Error);
  EXPECT_THROW((void)warm_up_request("/\r\nX: 1", 0), Error);
}

}  // namespace
}  // namespace mayfly::server
