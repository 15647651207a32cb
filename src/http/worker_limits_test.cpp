// What is too much of a program's answer.
#include <string>

#include "http/testing/worker_fixture.h"

namespace mayfly::http {
namespace {

using testing::Response;
using testing::TestClient;
using testing::WorkerTest;

TEST_F(WorkerTest, AnAnswerWithinItsLimitPasses) {
  options_.limits.response_bytes = 1'000'000;
  start();
  TestClient client(address());
  EXPECT_EQ(client.get("/large").body.size(), 1'000'000u);
}

TEST_F(WorkerTest, ADeclaredAnswerOverItsLimitIs502) {
  options_.limits.response_bytes = 999'999;
  start();
  TestClient client(address());
  const Response response = client.get("/large");
  EXPECT_EQ(response.status, 502);
  EXPECT_EQ(response.body, "the program's answer is too large\n");
  EXPECT_EQ(client.get("/hello").body, "hello");
  client.send("HEAD /large HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.receive(true).status, 200) << "it has no body";
  stop();
  EXPECT_NE(log_text().find("over 999999 bytes: --max-response would allow more"), std::string::npos) << log_text();
}

TEST_F(WorkerTest, AShortChunkedAnswerOverItsLimitIs502) {
  options_.limits.response_bytes = 10;
  start();
  TestClient client(address());
  EXPECT_EQ(client.get("/chunked").status, 502);
  EXPECT_EQ(client.get("/hello").body, "hello");
}

TEST_F(WorkerTest, AnAnswerThatGrowsOverItsLimitIsCut) {
  options_.limits.response_bytes = 100'000;
  program_ = [](testing::Wire& wire) -> testing::Script {
    std::string_view head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    wire.write(head);
    for (;;) {
      std::string_view chunk = "a\r\n0123456789\r\n";
      while (!wire.write(chunk)) co_yield Progress::waiting;
      co_yield Progress::yielded;
    }
  };
  start();
  TestClient client(address());
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  bool was_reset = false;
  const std::string all = client.receive_all(&was_reset);
  EXPECT_TRUE(was_reset);
  EXPECT_EQ(all.find("HTTP/1.1 502"), std::string::npos);
  EXPECT_TRUE(eventually([&] { return figures_.leased == 0; }));
  stop();
  EXPECT_NE(log_text().find("over 100000 bytes"), std::string::npos) << log_text();
}

}  // namespace
}  // namespace mayfly::http
