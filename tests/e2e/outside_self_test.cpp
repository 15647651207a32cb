// A program asks its own server: another machine answers.
#include <gtest/gtest.h>

#include "holdings.h"
#include "http_backend.h"
#include "load.h"
#include "outside_runtime.h"

namespace mayfly::e2e {
namespace {

/// The path by which a program asks that server for a path.
std::string asking(const std::string& address, const std::string& path) {
  return "/url?http://" + address + path;
}

/// Nested: each of the `depth` requests makes the next, the last one asks for the path.
std::string nested(const std::string& address, unsigned depth, std::string path) {
  for (unsigned i = 0; i < depth; ++i) path = asking(address, path);
  return path;
}

std::string port_of(const Server& server) {
  return server.address().substr(server.address().rfind(':') + 1);
}

class OutsideSelf : public testing::TestWithParam<Runtime> {
 protected:
  HttpBackend backend_;  // no rule allows it
  Server server_ = asking_server(GetParam(), backend_.address(), {"--vms=1"});
};

TEST_P(OutsideSelf, AnotherMachineAnswersThoughThereIsOneAndNoRule) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(server_.get(asking(server_.address(), "/")).body.substr(0, 5), "hello");
}

TEST_P(OutsideSelf, ByName) {
  EXPECT_EQ(server_.get(asking("localhost:" + port_of(server_), "/")).body.substr(0, 5), "hello");
}

TEST_P(OutsideSelf, RequestsNest) {
  EXPECT_EQ(server_.get(nested(server_.address(), 3, "/")).body.substr(0, 5), "hello");
}

TEST_P(OutsideSelf, SeveralAtATimeComeToTheirEnd) {
  const LoadResult result = load(server_, nested(server_.address(), 2, "/fetch?/x"),
                                 server_.get(nested(server_.address(), 2, "/fetch?/x")).body, 12, 4);
  EXPECT_EQ(result.answered, 12U) << result.first_odd;
}

INSTANTIATE_TEST_SUITE_P(All, OutsideSelf, testing::ValuesIn(kRuntimes), name_of_parameter);

class OutsideSelfCpp : public testing::Test {
 protected:
  [[nodiscard]] Server start(const Strings& options) const {
    return asking_server(Runtime::cpp, backend_.address(), options);
  }
  HttpBackend backend_;
};

TEST_F(OutsideSelfCpp, EachAnswerIsAFreshMachines) {
  const Server server = start({"--vms=1"});
  const std::string count = server.get("/count").body;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(server.get(asking(server.address(), "/count")).body, count);
}

TEST_F(OutsideSelfCpp, ThePortWithinTheMachineIsTheServersToo) {
  const Server server = start({"--vms=1", "--env=PORT=8123"});
  for (const char* host : {"127.0.0.1", "127.5.5.5", "192.0.2.2"}) {
    EXPECT_EQ(server.get(asking(std::string(host) + ":8123", "/")).body, "hello\n") << host;
  }
}

TEST_F(OutsideSelfCpp, ListeningEverywhereIsListeningOnLoopback) {
  const Server server = start({"--vms=1", "--listen=0.0.0.0:0"});
  for (const char* host : {"127.0.0.1:", "127.1.2.3:"}) {
    EXPECT_EQ(TestClient("127.0.0.1:" + port_of(server)).get(asking(host + port_of(server), "/")).body, "hello\n");
  }
}

TEST_F(OutsideSelfCpp, BeyondTheDepthIsALoop) {
  Server server = start({"--self-depth=2"});
  EXPECT_EQ(server.get(nested(server.address(), 2, "/")).body, "hello\n");
  const std::string refusal = server.get(nested(server.address(), 3, "/")).body;
  EXPECT_NE(refusal.find("nested too deep"), std::string::npos) << refusal;
  const std::string line = server.process().wait_for_line("--self-depth");
  EXPECT_NE(line.find("508"), std::string::npos) << line;
  EXPECT_EQ(server.get("/hello").body, "hello\n");
}

TEST_F(OutsideSelfCpp, NoneAtAllIfTheDepthIsZero) {
  const Server server = start({"--self-depth=0"});
  const std::string refusal = server.get(asking(server.address(), "/hello")).body;
  EXPECT_NE(refusal.find("nested too deep"), std::string::npos) << refusal;
}

TEST_F(OutsideSelfCpp, ManyWaitForOneAnother) {
  // More at a time than there are machines, all of which need more.
  const Server server = start({"--vms=2"});
  const LoadResult result = load(server, nested(server.address(), 4, "/hello"), "hello\n", 80, 16);
  EXPECT_EQ(result.answered, 80U) << result.first_odd;
}

TEST_F(OutsideSelfCpp, WithOneMachineForAConnection) {
  const Server server = start({"--vms=1", "--isolate=connection"});
  TestClient client = server.client();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.get(nested(server.address(), 2, "/hello")).body, "hello\n");
}

TEST_F(OutsideSelfCpp, WithMachinesThatAreNeverReset) {
  const Server server = start({"--vms=1", "--isolate=none"});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(server.get(nested(server.address(), 2, "/hello")).body, "hello\n");
}

TEST_F(OutsideSelfCpp, LargeAnswersArriveWhole) {
  const Server server = start({"--vms=1"});
  EXPECT_EQ(server.get(nested(server.address(), 2, "/big?4096")).body.size(), 4096U * 1024);
}

TEST_F(OutsideSelfCpp, WhatWasAskedBeforeAStopIsAnswered) {
  Server server = asking_server(Runtime::cpp, backend_.address(), {"--vms=1", "--allow-net=" + backend_.address()});
  TestClient client = server.client();
  client.send("GET " + nested(server.address(), 1, "/fetch?/gate") + " HTTP/1.1\r\nHost: test\r\n\r\n");
  backend_.wait_for("/gate");
  backend_.open_gate();
  EXPECT_EQ(server.stop(), 0);
  EXPECT_EQ(client.receive().body, "open");
}

TEST_F(OutsideSelfCpp, AClientThatLeavesTakesAllAlong) {
  Server server = asking_server(Runtime::cpp, backend_.address(), {"--vms=1", "--allow-net=" + backend_.address()});
  const auto leave = [&](unsigned first, unsigned last) {
    for (unsigned i = first; i <= last; ++i) {
      TestClient client = server.client();
      client.send("GET " + nested(server.address(), 2, "/fetch?/never") + " HTTP/1.1\r\nHost: test\r\n\r\n");
      backend_.wait_for("/never", i);
    }
    EXPECT_EQ(server.get(nested(server.address(), 2, "/hello")).body, "hello\n");
  };
  leave(1, 2);
  const Holdings before = holdings_of(server);
  leave(3, 8);
  expect_no_more(server, before, 2'048);
}

}  // namespace
}  // namespace mayfly::e2e
