#include "supervisor/first_bytes.h"

#include <gtest/gtest.h>

#include <string>

namespace mayfly::supervisor {
namespace {

using Result = FirstBytes::Result;

constexpr RoutingTable::App kA = 0, kB = 1, kAny = 2;

class FirstBytesTest : public testing::Test {
 protected:
  FirstBytesTest() {
    EXPECT_FALSE(routes_.add({"a", "/"}, kA));
    EXPECT_FALSE(routes_.add({"b", "/api"}, kB));
  }
  void take_any_host() { EXPECT_FALSE(routes_.add({"*", "/"}, kAny)); }
  /// Byte by byte, as slow clients send.
  Result look(const std::string& bytes, bool proxied = false, bool tls = false) {
    looked_.emplace(routes_, limits_, proxied, tls);
    for (std::size_t size = 1; size <= bytes.size(); ++size) {
      const std::string copy = bytes.substr(0, size);
      const Result result = looked_->look(copy);
      if (result != Result::incomplete) return result;
    }
    return Result::incomplete;
  }

  RoutingTable routes_;
  http::Limits limits_;
  std::optional<FirstBytes> looked_;
};

TEST_F(FirstBytesTest, OfARequestTellItsApp) {
  EXPECT_EQ(look("GET / HTTP/1.1\r\nHost: A:8080\r\n\r\n"), Result::routed);
  EXPECT_EQ(looked_->app(), kA);
  EXPECT_EQ(look("HEAD http://b/api/x HTTP/1.1\r\nHost: b\r\n\r\n"), Result::routed);
  EXPECT_EQ(looked_->app(), kB);
  EXPECT_TRUE(looked_->is_head());
}

TEST_F(FirstBytesTest, OfNoAppTellTheStatus) {
  EXPECT_EQ(look("GET / HTTP/1.1\r\nHost: c\r\n\r\n"), Result::unclaimed);
  EXPECT_EQ(looked_->status(), 421);
  EXPECT_EQ(look("GET / HTTP/1.1\r\nHost: b\r\n\r\n"), Result::unclaimed);
  EXPECT_EQ(looked_->status(), 404);
}

TEST_F(FirstBytesTest, WhatIsNoHeadGoesToTheFallback) {
  for (const bool any : {false, true}) {
    if (any) take_any_host();
    for (const char* bytes : {"GET / HTTP/1.1\r\nHost: b\r\nHost: a\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                              "\x16\x03\x01", "GET  / HTTP/1.1\r\n"}) {
      // Three bytes of TLS may begin a line that is too long yet.
      const Result result = look(std::string(bytes) + "\r\n\r\n");
      EXPECT_EQ(result, Result::routed) << bytes;
      EXPECT_EQ(looked_->app(), any ? kAny : kA) << bytes;
    }
  }
}

TEST_F(FirstBytesTest, AHeadThatIsTooLongGoesToTheFallback) {
  limits_.header_bytes = 1'000'000;
  limits_.header_fields = 1'000'000;
  std::string head = "GET /api HTTP/1.1\r\nHost: b\r\n";
  while (head.size() < FirstBytes::kMaxBytes) head += "X: y\r\n";
  FirstBytes looked(routes_, limits_, false, false);
  EXPECT_EQ(looked.look(std::string_view(head).substr(0, FirstBytes::kMaxBytes - 1)), Result::incomplete);
  EXPECT_EQ(looked.look(std::string_view(head).substr(0, FirstBytes::kMaxBytes)), Result::routed);
  EXPECT_EQ(looked.app(), kA);
}

TEST_F(FirstBytesTest, MayFollowAProxyHeader) {
  const std::string header = "PROXY TCP4 192.0.2.1 192.0.2.2 1000 80\r\n";
  EXPECT_EQ(look(header, true), Result::incomplete);
  EXPECT_EQ(look(header + "GET /api HTTP/1.1\r\nHost: b\r\n\r\n", true), Result::routed);
  EXPECT_EQ(looked_->app(), kB);
  EXPECT_EQ(look("GET / HTTP/1.1\r\nHost: a\r\n\r\n", true), Result::invalid);
}

TEST_F(FirstBytesTest, OfTlsTellItsAppByTheName) {
  const std::string name = std::string("\0\0\0\6\0\4\0\0\1", 9) + "a";
  const std::string body = "\x03\x03" + std::string(32, 'r') + std::string("\0\0\2\x13\1\1\0\0", 8);
  const auto hello = [&](const std::string& extensions) {
    const std::string contents = body + static_cast<char>(extensions.size()) + extensions;
    const std::string message = std::string("\1\0\0", 3) + static_cast<char>(contents.size()) + contents;
    return std::string("\x16\3\1\0", 4) + static_cast<char>(message.size()) + message;
  };
  EXPECT_EQ(look(hello(name), false, true), Result::routed);
  EXPECT_EQ(looked_->app(), kA);
  EXPECT_EQ(look(hello(""), false, true), Result::routed);
  EXPECT_EQ(looked_->app(), kA);
  EXPECT_EQ(look(hello(name.substr(0, name.size() - 1) + "z"), false, true), Result::unclaimed);
  EXPECT_EQ(look("GET / HTTP/1.1\r\n", false, true), Result::invalid);
}

}  // namespace
}  // namespace mayfly::supervisor
