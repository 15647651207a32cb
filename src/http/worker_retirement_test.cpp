// A worker whose new clients are another process's.
#include <exception>
#include <string>

#include "http/testing/worker_fixture.h"

namespace mayfly::http {
namespace {

using testing::TestClient;
using testing::WorkerTest;

class WorkerRetirementTest : public WorkerTest {
 protected:
  /// Whether nobody can connect any more, so that the worker knows.
  bool retired() {
    retire();
    return eventually([this] {
      try {
        const TestClient client(address());
        return false;
      } catch (const std::exception&) {
        return true;
      }
    });
  }
  static void expect_last_answer(TestClient& client) {
    const testing::Response response = client.get("/hello");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.fields.at("connection"), "close");
    EXPECT_EQ(client.receive_all(), "");
  }
};

TEST_F(WorkerRetirementTest, AnIdleConnectionMayBringOneMoreRequest) {
  start();
  TestClient client(address());
  EXPECT_EQ(client.get("/hello").status, 200);
  ASSERT_TRUE(retired());
  expect_last_answer(client);
  join();
}

TEST_F(WorkerRetirementTest, AConnectionThatHasAskedForNothingYetIsServed) {
  start();
  TestClient client(address());
  ASSERT_TRUE(eventually([this] { return stats_.open_connections.get() == 1; }));
  ASSERT_TRUE(retired());
  expect_last_answer(client);
  join();
}

TEST_F(WorkerRetirementTest, OneWhosePeerOwesAPROXYHeaderIsServed) {
  options_.proxy_peers = [](std::string_view) { return true; };
  start();
  TestClient client(address());
  ASSERT_TRUE(eventually([this] { return stats_.open_connections.get() == 1; }));
  ASSERT_TRUE(retired());
  client.send("PROXY UNKNOWN\r\n");
  expect_last_answer(client);
  join();
}

TEST_F(WorkerRetirementTest, TheAnswerInHandIsTheLast) {
  hold_machines();
  start();
  TestClient client(address());
  client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(eventually([this] { return figures_.runs > 0; }));
  ASSERT_TRUE(retired());
  held_ = false;
  EXPECT_EQ(client.receive().fields.at("connection"), "close");
  EXPECT_EQ(client.receive_all(), "");
  join();
}

TEST_F(WorkerRetirementTest, WhoStaysIdleIsClosedInOrderInTheEnd) {
  options_.timeouts.drain = std::chrono::milliseconds(20);
  start();
  TestClient client(address());
  EXPECT_EQ(client.get("/hello").status, 200);
  retire();
  bool was_reset = true;
  EXPECT_EQ(client.receive_all(&was_reset), "");
  EXPECT_FALSE(was_reset);
  join();
}

TEST_F(WorkerRetirementTest, AStopDoesNotWaitForIdleClients) {
  options_.timeouts.drain = std::chrono::hours(1);
  start();
  TestClient client(address());
  EXPECT_EQ(client.get("/hello").status, 200);
  ASSERT_TRUE(retired());
  stop();
  EXPECT_EQ(client.receive_all(), "");
}

}  // namespace
}  // namespace mayfly::http
