#include "cli/http_options.h"

#include <gtest/gtest.h>

#include "cli/load.h"

namespace mayfly::cli {
namespace {

using namespace std::chrono_literals;

http::Options options_of(std::vector<std::string> flags) {
  flags.insert(flags.begin(), "serve");
  flags.emplace_back("app.js");
  const std::filesystem::path nowhere = testing::TempDir();
  return http_options(load(parse_command_line(flags, nowhere), {nowhere, {}}).config);
}

TEST(HttpOptions, DefaultsAreThoseOfTheFrontEnd) {
  const http::Options options = options_of({});
  const http::Limits limits;
  EXPECT_EQ(options.limits.request_line_bytes, limits.request_line_bytes);
  EXPECT_EQ(options.limits.header_bytes, limits.header_bytes);
  EXPECT_EQ(options.limits.header_fields, limits.header_fields);
  EXPECT_EQ(options.limits.body_bytes, limits.body_bytes);
  EXPECT_EQ(options.limits.response_bytes, limits.response_bytes);
  EXPECT_EQ(options.limits.connections, limits.connections);
  EXPECT_EQ(options.limits.queue, limits.queue);
  EXPECT_EQ(options.limits.client_bytes_per_second, limits.client_bytes_per_second);
  EXPECT_EQ(options.limits.self_depth, limits.self_depth);
  const http::Timeouts timeouts;
  EXPECT_EQ(options.timeouts.head, timeouts.head);
  EXPECT_EQ(options.timeouts.body, timeouts.body);
  EXPECT_EQ(options.timeouts.request, timeouts.request);
  EXPECT_EQ(options.timeouts.send, timeouts.send);
  EXPECT_EQ(options.timeouts.idle, timeouts.idle);
  EXPECT_EQ(options.timeouts.drain, timeouts.drain);
  EXPECT_EQ(options.http2, http::Options().http2);
  EXPECT_EQ(options.request_ids, http::Options().request_ids);
  EXPECT_EQ(options.trust_request_ids, http::Options().trust_request_ids);
  EXPECT_EQ(options.server_timing, http::Options().server_timing);
}

TEST(HttpOptions, EachOptionIsPassedOn) {
  const http::Options options =
      options_of({"--max-request-line=1k", "--max-header=2k", "--max-header-fields=3", "--max-body=4k",
                  "--max-response=5k", "--max-connections=6", "--max-queue=7", "--min-client-rate=2k", "--self-depth=8",
                  "--header-timeout=9ms", "--body-timeout=10ms", "--request-timeout=11ms", "--send-timeout=12ms",
                  "--keep-alive-timeout=13ms", "--drain-timeout=14ms"});
  EXPECT_EQ(options.limits.request_line_bytes, 1024u);
  EXPECT_EQ(options.limits.header_bytes, 2048u);
  EXPECT_EQ(options.limits.header_fields, 3u);
  EXPECT_EQ(options.limits.body_bytes, 4096u);
  EXPECT_EQ(options.limits.response_bytes, 5120u);
  EXPECT_EQ(options.limits.connections, 6u);
  EXPECT_EQ(options.limits.queue, 7u);
  EXPECT_EQ(options.limits.client_bytes_per_second, 2048u);
  EXPECT_EQ(options.limits.self_depth, 8u);
  EXPECT_EQ(options.timeouts.head, 9ms);
  EXPECT_EQ(options.timeouts.body, 10ms);
  EXPECT_EQ(options.timeouts.request, 11ms);
  EXPECT_EQ(options.timeouts.send, 12ms);
  EXPECT_EQ(options.timeouts.idle, 13ms);
  EXPECT_EQ(options.timeouts.drain, 14ms);
  const http::Options others =
      options_of({"--http2=false", "--request-id=false", "--trust-request-id", "--server-timing"});
  EXPECT_FALSE(others.http2);
  EXPECT_FALSE(others.request_ids);
  EXPECT_TRUE(others.trust_request_ids);
  EXPECT_TRUE(others.server_timing);
}

}  // namespace
}  // namespace mayfly::cli
