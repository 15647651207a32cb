// Requests and answers end to end, over real sockets.
#include "http/worker.h"

#include <unistd.h>

#include "http/testing/worker_fixture.h"

namespace mayfly::http {
namespace {

using testing::Response;
using testing::TestClient;
using testing::WorkerTest;

TEST_F(WorkerTest, KeepsAConnectionAliveOverRequests) {
  start();
  TestClient client(address());
  for (int i = 0; i < 5; ++i) {
    const Response response = client.get("/hello");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "hello");
    EXPECT_TRUE(response.fields.contains("date"));
    EXPECT_FALSE(response.fields.contains("connection"));
  }
  stop();
  EXPECT_EQ(stats_.requests.get(), 5u);
  EXPECT_EQ(stats_.responses[200].get(), 5u);
  EXPECT_EQ(figures_.runs, 5) << "a request takes one run of its machine";
}

TEST_F(WorkerTest, TakesThreeSystemCallsPerKeptAliveRequest) {
  std::vector<std::uint64_t> counts;
  figures_.on_run = [&] { counts.push_back(stats_.client_syscalls.get()); };
  start();
  TestClient client(address());
  for (int i = 0; i < 20; ++i) client.get("/hello");
  stop();
  ASSERT_EQ(counts.size(), 20u);
  for (std::size_t i = 1; i < counts.size(); ++i) {
    EXPECT_EQ(counts[i] - counts[i - 1], 3u) << "epoll_wait, recv, send before request " << i;
  }
}

TEST_F(WorkerTest, SpinsWhileRequestsComeFast) {
  options_.spin = std::chrono::seconds(20);  // every wait is short beside that
  start();
  TestClient client(address());
  client.get("/hello");
  client.get("/hello");
  EXPECT_TRUE(eventually([this] { return spins() > 0; }));
  EXPECT_EQ(client.get("/hello").status, 200);
  stop();
}

TEST_F(WorkerTest, SleepsAtOnceUnlessToldToSpin) {
  start();
  TestClient client(address());
  for (int i = 0; i < 5; ++i) client.get("/hello");
  stop();
  EXPECT_EQ(spins(), 0u);
}

TEST_F(WorkerTest, AnswersPipelinedRequestsInOrder) {
  start();
  TestClient client(address());
  std::string requests;
  for (int i = 0; i < 20; ++i) requests += "GET /head HTTP/1.1\r\nHost: n" + std::to_string(i) + "\r\n\r\n";
  client.send(requests);
  for (int i = 0; i < 20; ++i) {
    EXPECT_NE(client.receive().body.find("Host: n" + std::to_string(i) + "\r\n"), std::string::npos);
  }
}

TEST_F(WorkerTest, AcceptsARequestByteByByte) {
  start();
  TestClient client(address());
  for (const char c : std::string_view("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")) {
    client.send(std::string_view(&c, 1));
  }
  EXPECT_EQ(client.receive().body, "abc");
  stop();
  EXPECT_EQ(figures_.runs, 1) << "a small body goes in together with its head";
}

TEST_F(WorkerTest, GivesTheProgramACleanHead) {
  options_.request_ids = false;
  start();
  TestClient client(address());
  client.send(
      "GET http://site.example/head?x=1 HTTP/1.1\r\nHost: SITE.example\r\nConnection: X-Secret, keep-alive\r\n"
      "X-Secret: 1\r\nTE: trailers\r\nUpgrade: h2c\r\nX-Forwarded-For: 10.0.0.1\r\nX-Mayfly-Warmup: 1\r\n"
      "Accept: */*\r\n\r\n");
  EXPECT_EQ(client.receive().body.find("GET /head?x=1 HTTP/1.1\r\nHost: site.example\r\nAccept: */*\r\n"), 0u);
  client.send(
      "GET /head HTTP/1.1\r\nHost: a.example\r\nConnection: X-Secret\r\nX-Secret: 1\r\nTE: trailers\r\n"
      "Upgrade: h2c\r\nX-Forwarded-For: 10.0.0.1\r\nX-Mayfly-Warmup: 1\r\nAccept: */*\r\n\r\n");
  EXPECT_EQ(client.receive().body,
            "GET /head HTTP/1.1\r\nHost: a.example\r\nAccept: */*\r\nX-Forwarded-For: 10.0.0.1, 127.0.0.1\r\n"
            "X-Forwarded-Proto: http\r\nX-Forwarded-Host: a.example\r\nConnection: keep-alive\r\n\r\n");
}

TEST_F(WorkerTest, PassesOnAnswersWithoutABody) {
  start();
  TestClient client(address());
  const Response no_content = client.get("/204");
  EXPECT_EQ(no_content.status, 204);
  EXPECT_FALSE(no_content.fields.contains("content-length"));
  const Response not_modified = client.get("/304");
  EXPECT_EQ(not_modified.status, 304);
  EXPECT_EQ(not_modified.fields.at("etag"), "\"1\"");
  client.send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.receive(true).fields.at("content-length"), "5");
  EXPECT_EQ(client.get("/hello").body, "hello") << "nothing of a body was left in between";
}

TEST_F(WorkerTest, RechunksAndPassesInterimAnswersOn) {
  start();
  TestClient client(address());
  const Response hints = client.get("/chunked");
  EXPECT_EQ(hints.status, 103);
  EXPECT_EQ(hints.fields.at("link"), "</a.css>");
  const Response response = client.receive();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "wikipedia..");
  EXPECT_EQ(response.fields.at("transfer-encoding"), "chunked");
  EXPECT_FALSE(response.fields.contains("trailer"));
  EXPECT_TRUE(response.trailers.empty()) << "nobody asked for them";
  EXPECT_EQ(client.get("/hello").body, "hello");
}

TEST_F(WorkerTest, TrailersPassToWhoTakesThem) {
  start();
  TestClient client(address());
  client.send("GET /chunked HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: TE\r\n\r\n");
  EXPECT_EQ(client.receive().status, 103);
  EXPECT_EQ(client.receive().trailers, (std::map<std::string, std::string>{{"x-sum", "11"}}));
}

TEST_F(WorkerTest, TrailersOfARequestReachTheProgram) {
  start();
  TestClient client(address());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTE: trailers\r\n\r\n"
      "4\r\nbody\r\n0\r\nX-Sum:  4 \r\nX-Forwarded-For: 1.2.3.4\r\nAuthorization: x\r\nConnection: x\r\n\r\n");
  const Response response = client.receive();
  EXPECT_EQ(response.body, "body");
  EXPECT_EQ(response.trailers, (std::map<std::string, std::string>{{"x-sum", "4"}})) << "others belong before the body";
  EXPECT_EQ(client.get("/hello").body, "hello");
}

TEST_F(WorkerTest, TurnsAnAnswerThatEndsWithTheConnectionIntoChunks) {
  start();
  TestClient client(address());
  const Response response = client.get("/close");
  EXPECT_EQ(response.body, "until the end");
  EXPECT_EQ(response.fields.at("transfer-encoding"), "chunked");
  EXPECT_EQ(client.get("/hello").body, "hello") << "the client's connection is not the program's";
}

TEST_F(WorkerTest, SpeaksHttp10) {
  start();
  TestClient closing(address());
  closing.send("GET /chunked HTTP/1.0\r\n\r\n");
  const Response response = closing.receive();
  EXPECT_FALSE(response.fields.contains("transfer-encoding"));
  EXPECT_EQ(response.fields.at("connection"), "close");
  EXPECT_EQ(response.body, "wikipedia..");

  TestClient staying(address());
  for (int i = 0; i < 2; ++i) {
    staying.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(staying.receive().fields.at("connection"), "keep-alive");
  }
}

TEST_F(WorkerTest, ClosesWhenTheClientWantsIt) {
  start();
  TestClient client(address());
  client.send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.receive().fields.at("connection"), "close");
  EXPECT_EQ(client.receive_all(), "");
}

TEST_F(WorkerTest, ServesOverAUnixSocket) {
  const std::string path = ::testing::TempDir() + "mayfly_worker_test_" + std::to_string(::getpid()) + ".sock";
  start("unix:" + path);
  TestClient client("unix:" + path);
  const Response response = client.get("/head");
  EXPECT_EQ(response.body.find("X-Forwarded-For"), std::string::npos);
  EXPECT_NE(response.body.find("X-Forwarded-Proto: http\r\n"), std::string::npos);
}

TEST_F(WorkerTest, TellsTheAccessLog) {
  std::vector<std::string> lines;
  options_.access_log = [&](const AccessRecord& record) {
    lines.push_back(
        fmt::format("{} {} {} {} {}", record.number, record.peer, record.method, record.target, record.status));
    EXPECT_GT(record.sent_bytes, 5u);
    EXPECT_GT(record.duration.count(), 0);
  };
  start();
  TestClient client(address());
  client.get("/hello");
  client.send("HEAD /none HTTP/9.9\r\n\r\n");
  client.receive();
  client.close();
  stop();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], "1 127.0.0.1 GET /hello 200");
  EXPECT_EQ(lines[1], "2 127.0.0.1   505");
}

TEST_F(WorkerTest, StopsInOrder) {
  start();
  TestClient idle(address());
  idle.get("/hello");
  TestClient busy(address());
  busy.send("GET /nap HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return figures_.acquired == 2; }));
  stop();
  const Response response = busy.receive();
  EXPECT_EQ(response.body, "rested");
  EXPECT_EQ(response.fields.at("connection"), "close");
  EXPECT_EQ(idle.receive_all(), "");
  EXPECT_EQ(stats_.open_connections.get(), 0u);
}

}  // namespace
}  // namespace mayfly::http
