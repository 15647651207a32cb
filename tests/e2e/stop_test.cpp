// How serving begins and ends.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "cli/test_folder.h"
#include "load.h"
#include "places.h"
#include "server.h"

namespace mayfly::e2e {
namespace {

TEST(Start, SaysWhatRunsWhere) {
  const Server server = Server::run({"--warmup=3", "--vms=2"});
  for (const char* text : {"isolation request", "2 machines", "1 thread", "booted in", "warmed up with 3 requests",
                           "snapshot of", "frozen on a kept-alive connection"}) {
    EXPECT_NE(server.startup_line().find(text), std::string::npos) << text << " in " << server.startup_line();
  }
}

TEST(Start, AServerThatClosesIsFrozenInAccept) {
  const Server server = Server::run({"--warmup=5", "--audit=1"}, {"--close"});
  EXPECT_NE(server.startup_line().find("frozen waiting in accept"), std::string::npos) << server.startup_line();
  const LoadResult result = load(server, "/count", "6", 40, 4);
  EXPECT_EQ(result.answered, 40U) << result.first_odd;
}

TEST(Start, ListensOnAUnixSocket) {
  const cli::TestFolder folder;
  const std::string path = folder.path().string() + "/socket";
  {
    const Server server = Server::run({"--listen=unix:" + path});
    EXPECT_EQ(server.address(), "unix:" + path);
    EXPECT_EQ(server.get("/hello").body, "hello\n");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Start, ListensOnSeveralAddresses) {
  const cli::TestFolder folder;
  const std::string address = "unix:" + folder.path().string() + "/socket";
  const Server server = Server::run({"--listen=127.0.0.1:0", "--listen=" + address});
  EXPECT_EQ(server.get("/hello").body, "hello\n");
  EXPECT_EQ(TestClient(address).get("/hello").body, "hello\n");
}

TEST(Stop, FinishesTheRequestInHand) {
  Server server = Server::run({"--warmup=5"});
  TestClient client = server.client();
  client.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\nGET /sleep?500 HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_EQ(client.receive().body, "hello\n");  // so the server has both
  EXPECT_EQ(server.stop(), 0);
  const Response response = client.receive();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(client.receive_all(), "");
}

TEST(Stop, DoesNotWaitForeverForARequest) {
  Server server = Server::run({"--warmup=5"});
  TestClient client = server.client();
  client.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\nGET /loop HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_EQ(client.receive().body, "hello\n");
  EXPECT_EQ(server.stop(), 0);
}

TEST(Stop, ASecondSignalEndsItAtOnce) {
  Server server = Server::run({"--warmup=5"});
  TestClient client = server.client();
  client.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\nGET /loop HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_EQ(client.receive().body, "hello\n");
  server.process().signal(SIGTERM);
  // Once nobody can connect any more, the first signal has been taken.
  for (;;) {
    try {
      TestClient another = server.client();
    } catch (const std::exception&) {
      break;
    }
  }
  EXPECT_EQ(server.stop(), 128 + SIGTERM);
}

TEST(Stop, CtrlCIsClean) {
  Server server = Server::run({"--warmup=5"});
  EXPECT_EQ(server.get("/hello").status, 200);
  server.process().signal(SIGINT);
  EXPECT_EQ(server.process().wait(), 0);
  EXPECT_EQ(server.process().wait_for_line("stopped after 1 request").empty(), false) << server.process().err();
  server.forget();
}

TEST(Stop, WhileBootingIsClean) {
  Start start;
  start.command = {mayfly_program(), "run", "--", existing(MAYFLY_ENDING), "loop"};
  Child child(start);
  EXPECT_NE(child.wait_for_line("last words"), "");
  child.signal(SIGTERM);
  EXPECT_EQ(child.wait(), 128 + SIGTERM);
}

}  // namespace
}  // namespace mayfly::e2e
