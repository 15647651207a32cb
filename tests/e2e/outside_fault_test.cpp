// Backends that refuse, break off, or never answer: an error for the program, and nothing for the next request.
#include <gtest/gtest.h>

#include <regex>

#include "http_backend.h"
#include "outside_runtime.h"

namespace mayfly::e2e {
namespace {

class OutsideFault : public testing::TestWithParam<Runtime> {
 protected:
  /// The program hears of an error that matches, and its machine is well afterwards.
  void expect_failure(const Server& server, const std::string& path, const std::string& pattern) {
    for (int i = 0; i < 2; ++i) {
      const Response response = server.get(path);
      EXPECT_EQ(response.status, 200);
      EXPECT_TRUE(std::regex_search(response.body, std::regex("^failed: .*(" + pattern + ")"))) << response.body;
      EXPECT_EQ(server.get("/fetch?/hello").body, "hello");
    }
  }

  HttpBackend backend_;
};

TEST_P(OutsideFault, AClosedPortRefuses) {
  const ClosedPort closed;
  const Server server = allowed_server(GetParam(), backend_.address(), {"--allow-net=" + closed.address()});
  expect_failure(server, "/url?http://" + closed.address() + "/hello", "ECONNREFUSED|refused");
}

TEST_P(OutsideFault, AResetInMidAnswerIsAnError) {
  const Server server = allowed_server(GetParam(), backend_.address());
  expect_failure(server, "/fetch?/half-reset", "ECONNRESET|reset|other side closed|error reading a body");
}

TEST_P(OutsideFault, AnAnswerThatEndsEarlyIsAnError) {
  const Server server = allowed_server(GetParam(), backend_.address());
  expect_failure(server, "/fetch?/half-close", "closed|error reading a body|IncompleteRead");
}

TEST_P(OutsideFault, AConnectionClosedWithoutAnAnswerIsAnError) {
  const Server server = allowed_server(GetParam(), backend_.address());
  expect_failure(server, "/fetch?/hang-up", "closed|RemoteDisconnected");
}

TEST_P(OutsideFault, ABackendThatNeverAnswersIs504) {
  Server server = allowed_server(GetParam(), backend_.address(), {"--request-timeout=4s"});
  EXPECT_EQ(server.get("/fetch?/never").status, 504);
  EXPECT_NE(server.process().wait_for_line("(GET /fetch?/never): 504"), "");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(server.get("/fetch?/hello").body, "hello");
}

TEST_P(OutsideFault, AnIdleConnectionIsBrokenInTime) {
  const Server server = allowed_server(GetParam(), backend_.address(), {"--net-idle-timeout=2s"});
  expect_failure(server, "/fetch?/never", "ETIMEDOUT|timed out");
}

TEST_P(OutsideFault, ABackendThatAcceptsNobodyTimesOut) {
  const FullBacklog full;
  const Server server =
      allowed_server(GetParam(), backend_.address(), {"--allow-net=" + full.address(), "--net-connect-timeout=2s"});
  expect_failure(server, "/url?http://" + full.address() + "/hello", "ETIMEDOUT|timed out");
}

INSTANTIATE_TEST_SUITE_P(All, OutsideFault, testing::ValuesIn(kRuntimes), name_of_parameter);

}  // namespace
}  // namespace mayfly::e2e
