// Clients that are slow while others wait for the machine they hold.
#include <chrono>
#include <string>

#include "http/testing/http2_client.h"
#include "http/testing/worker_fixture.h"

namespace mayfly::http {
namespace {

using testing::Http2Client;
using testing::request_for;
using testing::TestClient;
using testing::WorkerTest;

class WorkerPaceTest : public WorkerTest {
 protected:
  WorkerPaceTest() { options_.timeouts.slow_client = std::chrono::milliseconds(20); }
  /// A client that has the only machine, and sends nothing more.
  TestClient dribble() {
    TestClient slow(address());
    slow.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nslow\r\n");
    EXPECT_EQ(slow.take(15), "HTTP/1.1 200 OK");
    return slow;
  }
};

TEST_F(WorkerPaceTest, WhoDribblesABodyGivesWayToOthers) {
  start();
  TestClient slow = dribble();
  EXPECT_EQ(TestClient(address()).get("/hello").body, "hello");
  bool was_reset = false;
  slow.receive_all(&was_reset);
  EXPECT_TRUE(was_reset) << "part of an answer must not pass for the whole";
  EXPECT_EQ(stats_.refused.client_rate.get(), 1U);
}

TEST_F(WorkerPaceTest, WhoHasNoAnswerYetIsTold) {
  start();
  TestClient slow(address());
  slow.send("POST /silent HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  ASSERT_TRUE(eventually([this] { return figures_.leased == 1; }));
  EXPECT_EQ(TestClient(address()).get("/hello").body, "hello");
  EXPECT_EQ(slow.receive().status, 408);
}

TEST_F(WorkerPaceTest, WhoDoesNotReadGivesWayToOthers) {
  options_.limits.output_bytes = 16 * 1024;
  program_ = [](testing::Wire& wire) -> testing::Script {
    while (wire.in.find("\r\n\r\n") == std::string::npos) co_yield Progress::waiting;
    const bool endless = wire.in.starts_with("GET /endless ");
    std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    if (!endless) wire.write(answer);
    std::string_view head = "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n";
    if (endless) wire.write(head);
    while (endless) {
      const std::string piece(10'000, 'x');
      for (std::string_view rest = piece; !wire.write(rest);) co_yield Progress::waiting;
    }
    co_yield Progress::waiting;
  };
  start();
  TestClient slow(address());
  slow.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(eventually([this] { return stats_.slow_clients.get() > 0; }));
  EXPECT_EQ(TestClient(address()).get("/hello").body, "hello");
  EXPECT_EQ(stats_.refused.client_rate.get(), 1U);
}

TEST_F(WorkerPaceTest, StreamsOfHttp2GiveWayToo) {
  start();
  Http2Client http2{TestClient(address())};
  http2.send_head(1, request_for("/echo", "POST"), false);
  http2.send_data(1, "slow");
  while (http2.so_far(1).body.empty()) ASSERT_TRUE(http2.receive());
  EXPECT_EQ(http2.get("/hello").body, "hello");
  EXPECT_EQ(http2.answer(1).reset, NGHTTP2_INTERNAL_ERROR);
}

TEST_F(WorkerPaceTest, WhileNobodyWaitsClientsMayBeSlow) {
  options_.timeouts.slow_client = {};
  options_.limits.client_bytes_per_second = 1'000'000'000;  // nobody is as fast
  start();
  TestClient slow(address());
  slow.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 50; ++i) {
    const auto runs = figures_.runs.load();
    slow.send("1\r\nx\r\n");
    ASSERT_TRUE(eventually([&] { return figures_.runs > runs; }));
  }
  slow.send("0\r\n\r\n");
  EXPECT_EQ(slow.receive().body, std::string(50, 'x'));
  EXPECT_EQ(stats_.refused.client_rate.get(), 0U);
}

}  // namespace
}  // namespace mayfly::http
