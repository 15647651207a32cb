// Connections before they are an app's.
#include "supervisor/entrance.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/null_sink.h>

#include <future>
#include <vector>

#include "http/testing/test_client.h"

namespace mayfly::supervisor {
namespace {

using http::PassResult;
using http::testing::Response;
using http::testing::TestClient;

constexpr RoutingTable::App kApp = 0;
constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

class EntranceTest : public testing::Test {
 protected:
  EntranceTest() { EXPECT_FALSE(routes_.add({"a", "/"}, kApp)); }

  void open() {
    entrance_.emplace(loop_, log_, std::vector{http::Endpoint::parse("127.0.0.1:0")}, routes_, options_,
                      [this](RoutingTable::App app, int /*connection*/, bool tls) {
                        EXPECT_EQ(app, kApp);
                        EXPECT_FALSE(tls);
                        ++tries_;
                        return result_;
                      });
    entrance_->open();
  }
  [[nodiscard]] TestClient client() const { return TestClient(entrance_->addresses().front()); }
  void turn() {
    loop_.turn();
    entrance_->clean_up();
  }
  void turn_until_tried(unsigned times) {
    while (tries_ < times) turn();
  }
  /// What a client gets, while the loop turns.
  template <typename Call>
  auto answer_of(Call call) {
    auto answer = std::async(std::launch::async, call);
    loop::Timer tick(loop_.timers(), [] {});
    while (answer.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
      tick.arm(loop_.now() + std::chrono::milliseconds(1));
      turn();
    }
    return answer.get();
  }

  spdlog::logger log_{"test", std::make_shared<spdlog::sinks::null_sink_mt>()};
  loop::Counter syscalls_;
  loop::EventLoop loop_{syscalls_};
  RoutingTable routes_;
  http::Options options_;
  PassResult result_ = PassResult::passed;
  unsigned tries_ = 0;
  std::optional<Entrance> entrance_;
};

TEST_F(EntranceTest, WhatIsPassedOnIsClosedHere) {
  open();
  TestClient one = client();
  one.send(kRequest);
  turn_until_tried(1);
  // The fake app keeps no copy, so that nobody has the connection any more, or what came on it.
  EXPECT_EQ(answer_of([&] { return one.receive_all(); }), "");
}

TEST_F(EntranceTest, WithoutRoomAConnectionWaits) {
  open();
  result_ = PassResult::full;
  TestClient one = client();
  one.send(kRequest);
  turn_until_tried(1);
  entrance_->retry(kApp + 1);
  EXPECT_EQ(tries_, 1u) << "that is another app";
  entrance_->retry(kApp);
  EXPECT_EQ(tries_, 2u);
  result_ = PassResult::passed;
  entrance_->retry(kApp);
  entrance_->retry(kApp);
  EXPECT_EQ(tries_, 3u) << "it is gone then";
}

TEST_F(EntranceTest, WithoutRoomForLongTheClientIsTold) {
  options_.timeouts.head = std::chrono::milliseconds(20);
  open();
  result_ = PassResult::full;
  TestClient one = client();
  one.send(kRequest);
  const Response response = answer_of([&] { return one.receive(); });
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body, "the app is too busy to take new clients\n");
}

TEST_F(EntranceTest, AClientThatWaitsLearnsThatItsAppIsGone) {
  open();
  result_ = PassResult::full;
  TestClient one = client();
  one.send(kRequest);
  turn_until_tried(1);
  result_ = PassResult::gone;
  entrance_->retry(kApp);
  const Response response = answer_of([&] { return one.receive(); });
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.fields.at("connection"), "close");
  EXPECT_EQ(answer_of([&] { return one.receive_all(); }), "");
}

TEST_F(EntranceTest, AnAnswerInPlaceOfAnAppSurvivesWhatTheClientStillSends) {
  open();
  result_ = PassResult::gone;
  TestClient one = client();
  one.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n" + std::string(100'000, 'x'));
  const Response response = answer_of([&] {
    one.send(std::string(400'000, 'x'));
    return one.receive();
  });
  EXPECT_EQ(response.status, 503);
}

TEST_F(EntranceTest, BytesThatAreOnlyLookedAtDoNotKeepTheLoopBusy) {
  open();
  TestClient one = client();
  one.send("GET / HTTP/1.1\r\n");
  bool is_late = false;
  loop::Timer timer(loop_.timers(), [&] { is_late = true; });
  timer.arm(loop::Clock::now() + std::chrono::milliseconds(50));
  unsigned turns = 0;
  for (; !is_late; ++turns) turn();
  EXPECT_LT(turns, 20u);
  one.send("Host: a\r\n\r\n");
  turn_until_tried(1);
}

TEST_F(EntranceTest, SlowClientsAreLookedAtFromTimeToTime) {
  open();
  TestClient one = client();
  std::string text(kRequest);
  text.insert(text.size() - 2, "X-Long: " + std::string(200, 'x') + "\r\n");
  for (const char byte : text) {
    one.send(std::string(1, byte));
    turn();
  }
  turn_until_tried(1);
}

TEST_F(EntranceTest, NoMoreThanSoManyAreHereAtATime) {
  options_.limits.connections = 1;
  open();
  std::optional<TestClient> first = client();
  first->send("GET / HTTP/1.1\r\n");
  TestClient second = client();
  second.send(kRequest);
  bool is_late = false;
  loop::Timer timer(loop_.timers(), [&] { is_late = true; });
  timer.arm(loop::Clock::now() + std::chrono::milliseconds(20));
  while (!is_late) turn();
  EXPECT_EQ(tries_, 0u);
  first.reset();
  turn_until_tried(1);
}

TEST_F(EntranceTest, ClosesWhatIsHere) {
  open();
  TestClient one = client();
  one.send("GET / HTTP/1.1\r\n");
  turn();
  turn();
  entrance_->close();
  EXPECT_THROW(static_cast<void>(one.receive()), std::runtime_error);
}

}  // namespace
}  // namespace mayfly::supervisor
