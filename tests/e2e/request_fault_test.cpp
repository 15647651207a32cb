// What a request can do to its machine, and clients to theirs, hurts nobody else.
#include <gtest/gtest.h>

#include <thread>

#include "load.h"
#include "places.h"
#include "server.h"

namespace mayfly::e2e {
namespace {

/// The server answers as if nothing had been, and an audit of the machine agrees.
void expect_as_new(const Server& server) {
  for (int i = 0; i < 3; ++i) {
    const Response response = server.get("/count");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "6");
  }
}

Server audited(const Strings& more = {}) {
  Strings options = {"--warmup=5", "--vms=2", "--audit=1"};
  options.insert(options.end(), more.begin(), more.end());
  return Server::run(options);
}

TEST(RequestFault, ACrashIs502AndNamesTheFault) {
  Server server = audited();
  for (int i = 0; i < 4; ++i) EXPECT_EQ(server.get("/crash").status, 502);
  expect_as_new(server);
  const std::string line = server.process().wait_for_line("(GET /crash)");
  EXPECT_NE(line.find("SIGSEGV"), std::string::npos) << line;
}

TEST(RequestFault, AnAbortIs502) {
  Server server = audited();
  EXPECT_EQ(server.get("/abort").status, 502);
  EXPECT_NE(server.process().wait_for_line("(GET /abort)").find("SIGABRT"), std::string::npos);
  expect_as_new(server);
}

TEST(RequestFault, AnExitIs502) {
  Server server = audited();
  EXPECT_EQ(server.get("/exit").status, 502);
  EXPECT_NE(server.process().wait_for_line("(GET /exit)").find('7'), std::string::npos);
  expect_as_new(server);
}

TEST(RequestFault, ASecondAnswerReachesNobody) {
  for (const char* isolation : {"request", "connection", "none"}) {
    Server server = Server::run({"--warmup=5", "--vms=1", "--audit=1", std::string("--isolate=") + isolation});
    TestClient client = server.client();
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(client.get("/surplus").body, "first") << isolation;
      EXPECT_EQ(client.get("/count").body, "6") << isolation << ": the machine was reset";
    }
    const std::string line = server.process().wait_for_line("(GET /surplus)");
    EXPECT_NE(line.find("wrote more than its answer"), std::string::npos) << line;
  }
}

TEST(RequestFault, ASecondAnswerToAWarmUpRequestReachesNobody) {
  Server server = audited({"--warmup-path=/surplus"});
  server.process().wait_for_line("warm-up request /surplus was answered with more than one answer");
  EXPECT_EQ(server.get("/hello").body, "hello\n");
  EXPECT_EQ(server.get("/count").body, "6");
}

TEST(RequestFault, TheClientsConnectionOutlivesTheCrash) {
  const Server server = audited();
  TestClient client = server.client();
  EXPECT_EQ(client.get("/crash").status, 502);
  EXPECT_EQ(client.get("/count").body, "6");
}

TEST(RequestFault, AnEndlessLoopIs504WhileOthersAreServed) {
  Server server = audited({"--request-timeout=1500ms"});
  TestClient stuck = server.client();
  stuck.send("GET /loop HTTP/1.1\r\nHost: test\r\n\r\n");
  int served = 0;
  std::thread others([&] {
    TestClient client = server.client();
    for (int i = 0; i < 20; ++i) served += client.get("/count").body == "6" ? 1 : 0;
  });
  EXPECT_EQ(stuck.receive().status, 504);
  others.join();
  EXPECT_EQ(served, 20);
  server.process().wait_for_line("(GET /loop): 504");
  expect_as_new(server);
}

TEST(RequestFault, ASleepBeyondTheTimeoutIs504) {
  const Server server = audited({"--request-timeout=300ms"});
  EXPECT_EQ(server.get("/sleep?60000").status, 504);
  EXPECT_EQ(server.get("/sleep?20").status, 200);
  expect_as_new(server);
}

TEST(RequestFault, SlicesThatEndAnywhereAreHarmless) {
  // Requests about as long as a slice: it also ends between an answer and the wait for the next request.
  Server server = Server::run({"--isolate=none", "--vms=1", "--time-slice=100us", "--warmup=5"});
  for (int busy_us = 20; busy_us <= 110; busy_us += 3) {
    const LoadResult result = load(server, "/busy?" + std::to_string(busy_us), "hello\n", 500, 2);
    EXPECT_EQ(result.answered, 500U) << busy_us << " us: " << result.first_odd << server.process().err();
  }
}

TEST(RequestFault, LoopsInEveryMachineOnlyDelayTheOthers) {
  const Server server = audited({"--request-timeout=500ms"});
  TestClient stuck[3] = {server.client(), server.client(), server.client()};
  for (TestClient& client : stuck) client.send("GET /loop HTTP/1.1\r\nHost: test\r\n\r\n");
  for (TestClient& client : stuck) EXPECT_GE(client.receive().status, 503);
  expect_as_new(server);
}

TEST(RequestFault, MemoryBeyondTheLimitIs502AndNamesTheOption) {
  Server server = audited({"--request-memory=32m"});
  EXPECT_EQ(server.get("/alloc?8").body, "allocated");
  EXPECT_EQ(server.get("/alloc?100").status, 502);
  EXPECT_NE(server.process().wait_for_line("(GET /alloc").find("502"), std::string::npos);
  EXPECT_NE(server.process().wait_for_line("--request-memory"), "");
  expect_as_new(server);
}

TEST(RequestFault, DenoBeyondTheMemoryLimitIs502) {
  Server server = Server::serve(app("services.js"), {"--request-memory=64m", "--warmup=5"});
  EXPECT_EQ(server.get("/alloc?2000").status, 502);
  EXPECT_NE(server.process().wait_for_line("--request-memory"), "");
  EXPECT_EQ(server.get("/count").body, "1");
}

TEST(RequestFault, AnUncaughtExceptionIs502AndItsStackLogged) {
  Server server = Server::serve(app("uncaught.js"), {"--warmup=5", "--audit=1"});
  EXPECT_EQ(server.get("/throw").status, 502);
  EXPECT_NE(server.process().wait_for_line("nobody catches this"), "");
  EXPECT_EQ(server.get("/").body, "hello\n");
}

TEST(RequestFault, ADenoLoopIs504AndAnExit502) {
  const Server server = Server::serve(app("services.js"), {"--warmup=5", "--audit=1", "--request-timeout=1s"});
  EXPECT_EQ(server.get("/loop").status, 504);
  EXPECT_EQ(server.get("/exit").status, 502);
  EXPECT_EQ(server.get("/count").body, "1");
}

TEST(RequestFault, AClientThatLeavesTakesNothingAlong) {
  const Server server = audited();
  for (const char* path : {"/sleep?100", "/big?1000", "/echo"}) {
    TestClient client = server.client();
    const std::string length = path == std::string("/echo") ? "Content-Length: 100000\r\n" : "";
    client.send(std::string("POST ") + path + " HTTP/1.1\r\nHost: test\r\n" + length + "\r\n");
    client.close();
  }
  expect_as_new(server);
}

TEST(RequestFault, AMalformedRequestIs400) {
  const Server server = audited();
  for (const char* request :
       {"nonsense\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    TestClient client = server.client();
    client.send(request);
    EXPECT_EQ(client.receive().status, 400) << request;
  }
  expect_as_new(server);
}

}  // namespace
}  // namespace mayfly::e2e
