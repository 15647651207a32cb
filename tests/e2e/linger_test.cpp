// What a program still does after its answer: --linger-ms.
#include <gtest/gtest.h>

#include <csignal>

#include "admin.h"
#include "http_backend.h"
#include "outside_runtime.h"
#include "patience.h"
#include "places.h"

namespace mayfly::e2e {
namespace {

constexpr const char* kLingering = "mayfly_machines{state=\"lingering\"}";
constexpr const char* kCut = "mayfly_cut_lingers_total";
constexpr const char* kLong = "--linger-ms=60000";

/// Nobody can connect any more.
void wait_for_refusal(const Server& server) {
  ASSERT_TRUE(wait_until([&] {
    try {
      static_cast<void>(server.client());
      return false;
    } catch (const std::exception&) {
      return true;
    }
  }));
}

class Linger : public testing::Test {
 protected:
  [[nodiscard]] Server lingering_server(Strings options) const {
    options.emplace_back("--admin=127.0.0.1:0");
    return allowed_server(Runtime::cpp, backend_.address(), options);
  }

  HttpBackend backend_;
};

class LingerOf : public testing::TestWithParam<Runtime> {
 protected:
  [[nodiscard]] Server server_with(Strings options) const {
    options.emplace_back("--drain-timeout=100ms");  // timers of its own may keep a runtime from being idle
    return allowed_server(GetParam(), backend_.address(), options);
  }

  HttpBackend backend_;
};

TEST_P(LingerOf, APostAfterTheAnswerArrives) {
  const Server server = server_with({kLong});
  const Response response = server.get("/after?/upload?100000");
  EXPECT_EQ(response.status, 200);
  backend_.wait_for("/verify");
}

TEST_P(LingerOf, WithoutItNothingHappensAfterTheAnswer) {
  {
    const Server server = server_with({"--vms=1"});
    EXPECT_EQ(server.get("/after?/upload?100").status, 200);
    // The one machine has been reset by now, and what it was about to do is forgotten.
    EXPECT_EQ(server.get("/fetch?/hello").body, "hello");
  }
  EXPECT_EQ(backend_.asked("/verify"), 0U);
}

TEST_P(LingerOf, TheNextRequestKnowsNothingOfIt) {
  const Server server = server_with({"--vms=1", "--linger-ms=1000"});
  const std::string count = server.get("/count").body;
  EXPECT_EQ(server.get("/after?/count").status, 200);
  EXPECT_EQ(server.get("/after?/upload?100").status, 200);
  EXPECT_EQ(server.get("/count").body, count);
  EXPECT_EQ(backend_.asked("/verify"), 1U);
}

TEST_P(LingerOf, WhatRunsForEverIsCut) {
  const Server server = server_with({"--vms=1", "--linger-ms=500"});
  const std::string count = server.get("/count").body;
  EXPECT_EQ(server.get("/after?/loop").status, 200);
  EXPECT_EQ(server.get("/count").body, count);
}

INSTANTIATE_TEST_SUITE_P(Runtimes, LingerOf, testing::Values(Runtime::cpp, Runtime::deno, Runtime::node),
                         name_of_parameter);

TEST_F(Linger, TheClientAndItsNextRequestDoNotWait) {
  Server server = lingering_server({kLong, "--vms=2"});
  const Admin admin(server.process());
  TestClient client = server.client();
  EXPECT_EQ(client.get("/after?/fetch?/gate").body, "hello\n");
  EXPECT_EQ(client.get("/fetch?/hello").body, "hello");
  backend_.wait_for("/gate");
  admin.wait_for("mayfly_machines{state=\"idle\"}", 1);
  EXPECT_EQ(admin.metrics().at(kLingering), 1);
  backend_.open_gate();
  admin.wait_for("mayfly_machines{state=\"idle\"}", 2);
  const Samples samples = admin.metrics();
  EXPECT_EQ(samples.at(kLingering), 0);
  EXPECT_EQ(samples.at(kCut), 0);
  EXPECT_GE(samples.at("mayfly_lingered_requests_total"), 1);
}

TEST_F(Linger, OthersWaitForAMachineThatHasItsTime) {
  Server server = lingering_server({kLong, "--vms=1"});
  const Admin admin(server.process());
  TestClient client = server.client();
  EXPECT_EQ(client.get("/after?/gated?/hello").status, 200);
  client.send("GET /fetch?/hello HTTP/1.1\r\nHost: test\r\n\r\n");
  backend_.wait_for("/gate");
  admin.wait_for("mayfly_queue_length", 1);
  EXPECT_EQ(admin.metrics().at(kLingering), 1);
  backend_.open_gate();
  EXPECT_EQ(client.receive().body, "hello");
  EXPECT_EQ(backend_.asked("/hello"), 2U);
}

TEST_F(Linger, CutsAreCounted) {
  Server server = lingering_server({"--linger-ms=400", "--vms=1"});
  const Admin admin(server.process());
  EXPECT_EQ(server.get("/after?/loop").status, 200);
  admin.wait_for(kCut, 1);
  EXPECT_EQ(server.get("/after?/fetch?/never").status, 200);
  admin.wait_for(kCut, 2);
  EXPECT_EQ(admin.metrics().at("mayfly_lingered_requests_total"), 2);
}

TEST_F(Linger, ATimerThatIsDueLaterIsNotWaitedFor) {
  Server server = lingering_server({"--linger-ms=100", "--vms=1"});
  const Admin admin(server.process());
  EXPECT_EQ(server.get("/after?/fetch?/hello").status, 200);
  EXPECT_EQ(server.get("/hello").status, 200);
  EXPECT_EQ(admin.metrics().at(kCut), 0);
  EXPECT_EQ(backend_.asked("/hello"), 0U);
}

TEST_F(Linger, ACrashIsLoggedWithTheRequestsIdAndChangesNoAnswer) {
  Server server = lingering_server({kLong, "--vms=1"});
  const Admin admin(server.process());
  EXPECT_EQ(server.get("/after?/crash").status, 200);
  EXPECT_NE(server.process().wait_for_line("[1] the program was ended by signal 11"), "") << server.process().err();
  EXPECT_EQ(server.get("/fetch?/hello").body, "hello");
  admin.wait_for("mayfly_machines{state=\"idle\"}", 1);
  const Samples samples = admin.metrics();
  EXPECT_EQ(samples.at("mayfly_program_endings_total{kind=\"crashed\"}"), 1);
  EXPECT_EQ(samples.at("mayfly_failed_requests_total"), 0);
}

TEST_F(Linger, WhatTheProgramSaysBearsTheRequestsId) {
  Server server = lingering_server({kLong, "--vms=1"});
  EXPECT_EQ(server.get("/hello").status, 200);
  EXPECT_EQ(server.get("/after?/say?afterwards").status, 200);
  EXPECT_NE(server.process().wait_for_line("[request 2] afterwards"), "") << server.process().err();
}

TEST_F(Linger, WhoeverWroteMoreThanItsAnswerDoesNot) {
  Server server = lingering_server({kLong, "--vms=1"});
  EXPECT_EQ(server.get("/surplus?/fetch?/hello").body, "first");
  EXPECT_EQ(server.get("/hello").status, 200);
  EXPECT_EQ(backend_.asked("/hello"), 0U);
}

TEST_F(Linger, EndsWithTheClientsConnectionIfThatIsWhatIsIsolated) {
  Server server = lingering_server({kLong, "--vms=1", "--isolate=connection"});
  EXPECT_EQ(server.get("/after?/fetch?/hello").status, 200);
  backend_.wait_for("/hello");
}

TEST_F(Linger, WithoutHttpTheProgramSeesTheEndAndMayActOnIt) {
  Strings options = {kLong, "--tcp", "--vms=1", "--drain-timeout=100ms", "--runtime=/usr/bin/node"};
  for (const std::string option : {"--allow-net=", "--env=BACKEND="}) options.push_back(option + backend_.address());
  const Server server("serve", options, {app("outside/parting.mjs")});
  TestClient client = server.client();
  EXPECT_EQ(client.take(6), "hello\n");
  client.close();
  backend_.wait_for("/verify");
}

TEST_F(Linger, ARequestToTheOwnServerIsAnsweredByAnotherMachine) {
  Server server = lingering_server({kLong, "--vms=1"});
  EXPECT_EQ(server.get("/after?/url?http://" + server.address() + "/fetch?/hello").status, 200);
  backend_.wait_for("/hello");
}

TEST_F(Linger, OutlastsARefresh) {
  Server server = lingering_server({kLong, "--vms=1"});
  EXPECT_EQ(server.get("/after?/gated?/hello").status, 200);
  backend_.wait_for("/gate");
  server.process().signal(SIGHUP);
  EXPECT_NE(server.process().wait_for_line("the snapshot is refreshed"), "");
  backend_.open_gate();
  backend_.wait_for("/hello");
  EXPECT_EQ(server.get("/fetch?/hello").body, "hello");
}

TEST_F(Linger, AServerThatStopsLetsItComeToAnEnd) {
  Server server = lingering_server({kLong, "--vms=1", "--drain-timeout=1m"});
  EXPECT_EQ(server.get("/after?/gated?/hello").status, 200);
  backend_.wait_for("/gate");
  server.process().signal(SIGTERM);
  wait_for_refusal(server);
  backend_.open_gate();
  backend_.wait_for("/hello");
  EXPECT_EQ(server.process().wait(), 0);
  server.forget();
}

TEST_F(Linger, AServerThatStopsDoesNotWaitForEver) {
  Server server = lingering_server({"--linger-ms=3600000", "--vms=1", "--drain-timeout=200ms"});
  EXPECT_EQ(server.get("/after?/loop").status, 200);
  Admin(server.process()).wait_for(kLingering, 1);
  EXPECT_EQ(server.stop(), 0);
}

TEST(LingerOption, ContradictsMachinesThatAreNeverReset) {
  const Outcome outcome = run_mayfly({"run", "--linger-ms=10", "--isolate=none", "--", test_server()});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_NE(outcome.err.find("--isolate none"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace mayfly::e2e
