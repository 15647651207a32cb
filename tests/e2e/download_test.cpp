// Answers that are larger than any memory for them.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "holdings.h"
#include "places.h"
#include "server.h"

namespace mayfly::e2e {
namespace {

constexpr std::size_t kGigabyte = 1'000'000'000;

/// Reads an answer of so many bytes from apps/flood.mjs and forgets them. @return whether they were all as written
bool download(const Server& server, std::size_t bytes) {
  static constexpr std::string_view kPattern = "0123456789abcdef";
  constexpr std::size_t kPieceBytes = kPattern.size() * 65'536;
  TestClient client = server.client();
  client.send("GET /" + std::to_string(bytes) + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
  std::string head;
  while (!head.ends_with("\r\n\r\n")) head += client.take(1);
  std::string expected;
  while (expected.size() < kPieceBytes) expected += kPattern;
  for (std::size_t left = bytes; left > 0;) {
    const std::size_t size = std::min(left, kPieceBytes);
    if (client.take(size) != std::string_view(expected).substr(0, size)) return false;
    left -= size;
  }
  return head.starts_with("HTTP/1.1 200 ") && client.receive_all().empty();
}

TEST(Download, OfAGigabyteTakesNoMemory) {
  Server server = Server::serve(app("flood.mjs"), {"--warmup=5", "--warmup-path=/100000", "--request-timeout=60s"});
  EXPECT_TRUE(download(server, kGigabyte / 10));
  const Holdings before = holdings_of(server);
  EXPECT_TRUE(download(server, kGigabyte));
  expect_no_more(server, before, 16'384);
}

}  // namespace
}  // namespace mayfly::e2e
