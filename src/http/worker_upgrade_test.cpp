// Connections that leave HTTP for another protocol.
#include <chrono>
#include <string>
#include <thread>

#include "http/testing/worker_fixture.h"

namespace mayfly::http {
namespace {

using std::chrono::milliseconds;
using testing::Response;
using testing::Script;
using testing::TestClient;
using testing::Wire;
using testing::WorkerTest;

constexpr std::string_view kWish =
    "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-Key: 1\r\n\r\n";

class WorkerUpgradeTest : public WorkerTest {
 protected:
  static constexpr std::string_view kSwitch =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: upgrade\r\nSec-Accept: 2\r\n\r\n";

  /// Answers any request with `answer`, then gives back what it gets until the end of it, and says good-bye.
  void echo_after(std::string_view answer) {
    program_ = [this, answer](Wire& wire) -> Script {
      while (wire.in.find("\r\n\r\n") == std::string::npos) co_yield Progress::waiting;
      head_ = std::exchange(wire.in, {});
      std::string_view rest = answer;
      wire.write(rest);
      std::string echo;
      while (!wire.eof || !wire.in.empty() || !echo.empty()) {
        if (echo.empty()) echo = std::exchange(wire.in, {});
        std::string_view text = echo;
        wire.write(text);
        echo.erase(0, echo.size() - text.size());
        co_yield Progress::waiting;
      }
      rest = "bye";
      wire.write(rest);
    };
  }

  TestClient switched() {
    TestClient client(address());
    client.send(kWish);
    EXPECT_EQ(client.receive().status, 101);
    return client;
  }

  std::string head_;  ///< that the program got; once its answer is here
};

TEST_F(WorkerUpgradeTest, BothSidesAreTold) {
  options_.request_ids = false;
  echo_after(kSwitch);
  start();
  TestClient client(address());
  client.send(kWish);
  Response answer = client.receive();
  EXPECT_EQ(answer.head,
            "HTTP/1.1 101 Switching Protocols\r\nSec-Accept: 2\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n");
  EXPECT_EQ(head_,
            "GET /chat HTTP/1.1\r\nHost: a\r\nSec-Key: 1\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\n"
            "X-Forwarded-Host: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
}

TEST_F(WorkerUpgradeTest, BytesGoBothWaysUntilBothSidesHaveEnded) {
  echo_after(kSwitch);
  start();
  TestClient client = switched();
  EXPECT_TRUE(eventually([this] { return stats_.open_tunnels.get() == 1; }));
  for (const std::string text : {"GET / HTTP/1.1\r\n\r\n", "\x81\x05hello"}) {
    client.send(text);
    EXPECT_EQ(client.take(text.size()), text);
  }
  client.shut();
  bool was_reset = true;
  EXPECT_EQ(client.receive_all(&was_reset), "bye");
  EXPECT_FALSE(was_reset);
  stop();
  EXPECT_EQ(figures_.endings, std::vector<Ending>{Ending::closed});
  EXPECT_EQ(figures_.kept, 1);
  EXPECT_EQ(stats_.open_tunnels.get(), 0u);
  EXPECT_EQ(stats_.responses[101].get(), 1u);
}

TEST_F(WorkerUpgradeTest, WhatTheClientSendsAheadIsNotLost) {
  echo_after(kSwitch);
  start();
  TestClient client(address());
  client.send(std::string(kWish) + "early bird");
  EXPECT_EQ(client.receive().status, 101);
  EXPECT_EQ(client.take(10), "early bird");
}

TEST_F(WorkerUpgradeTest, MuchGoesThroughSmallChannels) {
  in_capacity_ = 1'000;
  out_capacity_ = 700;
  options_.limits.output_bytes = 5'000;
  echo_after(kSwitch);
  start();
  TestClient client = switched();
  std::string sent;
  for (int i = 0; sent.size() < 3'000'000; ++i) sent += std::to_string(i) + ' ';
  std::thread sender([&] {
    client.send(sent);
    client.shut();
  });
  const std::string received = client.receive_all();
  sender.join();
  EXPECT_TRUE(received == sent + "bye") << received.size() << " of " << sent.size() << " bytes came back";
}

TEST_F(WorkerUpgradeTest, AnAnswerOfHttpLeavesTheConnectionAsItIs) {
  start();
  TestClient client(address());
  client.send("GET /hello HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
  EXPECT_EQ(client.receive().body, "hello");
  EXPECT_EQ(client.get("/hello").body, "hello");
  stop();
  EXPECT_EQ(figures_.kept, 0);
}

class UnaskedUpgrade : public WorkerUpgradeTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(UnaskedUpgrade, IsNoAnswer) {
  echo_after(kSwitch);
  start();
  TestClient client(address());
  client.send(GetParam());
  EXPECT_EQ(client.receive().status, 502);
  EXPECT_EQ(head_.find("websocket"), std::string::npos) << head_;
}

INSTANTIATE_TEST_SUITE_P(
    Wishes, UnaskedUpgrade,
    ::testing::Values(
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket, h2c\r\nConnection: Upgrade\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 1\r\n\r\nx",
        "GET / HTTP/1.0\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"));

TEST_F(WorkerUpgradeTest, TooManyAreTurnedAway) {
  machines_ = 3;
  options_.limits.upgrades = 1;
  echo_after(kSwitch);
  start();
  TestClient first = switched();
  TestClient second(address());
  second.send(kWish);
  const Response refused = second.receive();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.fields.at("retry-after"), "1");
  EXPECT_EQ(stats_.refused.upgrades.get(), 1u);
  first.shut();
  EXPECT_EQ(first.receive_all(), "bye");
  ASSERT_TRUE(eventually([this] { return stats_.open_tunnels.get() == 0; }));
  second.send(kWish);
  EXPECT_EQ(second.receive().status, 101);
}

TEST_F(WorkerUpgradeTest, TheDeadlineOfRequestsDoesNotCount) {
  options_.timeouts.request = milliseconds(20);
  program_ = [](Wire& wire) -> Script {
    while (wire.in.empty()) co_yield Progress::waiting;
    std::string_view text = kSwitch;
    wire.write(text);
    wire.wake_at = loop::Clock::now() + milliseconds(100);
    while (loop::Clock::now() < *wire.wake_at) co_yield Progress::waiting;
    wire.wake_at.reset();
    text = "still here";
    wire.write(text);
  };
  start();
  EXPECT_EQ(switched().receive_all(), "still here");
}

TEST_F(WorkerUpgradeTest, SilenceEndsIt) {
  options_.timeouts.tunnel = milliseconds(20);
  echo_after(kSwitch);
  start();
  bool was_reset = true;
  EXPECT_EQ(switched().receive_all(&was_reset), "");
  EXPECT_FALSE(was_reset);
  EXPECT_TRUE(eventually([this] { return figures_.leased == 0; }));
}

TEST_F(WorkerUpgradeTest, WhatASilentClientHasNotReadIsNoSurplus) {
  options_.timeouts.tunnel = milliseconds(20);
  program_ = [](Wire& wire) -> Script {
    while (wire.in.empty()) co_yield Progress::waiting;
    std::string_view text = kSwitch;
    wire.write(text);
    const std::string much(100'000, 'x');
    for (;;) {
      text = much;
      wire.write(text);
      co_yield Progress::waiting;
    }
  };
  start();
  const TestClient client = switched();
  ASSERT_TRUE(eventually([this] { return figures_.leased == 0; }));
  stop();
  EXPECT_EQ(stats_.surplus_answers.get(), 0u) << log_text();
}

TEST_F(WorkerUpgradeTest, AVanishedClientLeavesNoMachineBehind) {
  echo_after(kSwitch);
  start();
  switched().close();
  EXPECT_TRUE(eventually([this] { return figures_.leased == 0 && stats_.open_tunnels.get() == 0; }));
}

TEST_F(WorkerUpgradeTest, AProgramThatFailsCutsIt) {
  program_ = [](Wire& wire) -> Script {
    while (wire.in.empty()) co_yield Progress::waiting;
    std::string_view text = kSwitch;
    wire.in.clear();
    wire.write(text);
    while (wire.in.empty()) co_yield Progress::waiting;
    wire.failure = "segmentation fault at 0x0";
    co_yield Progress::failed;
  };
  start();
  TestClient client = switched();
  client.send("now");
  bool was_reset = false;
  EXPECT_EQ(client.receive_all(&was_reset), "");
  EXPECT_TRUE(was_reset);
  stop();
  EXPECT_EQ(figures_.endings, std::vector<Ending>{Ending::out_of_hand});
  EXPECT_NE(log_text().find("segmentation fault at 0x0"), std::string::npos) << log_text();
}

}  // namespace
}  // namespace mayfly::http
