// How long a client keeps its machine.
#include <algorithm>
#include <string>

#include "http/testing/worker_fixture.h"

namespace mayfly::http {
namespace {

using testing::TestClient;
using testing::WorkerTest;

TEST_F(WorkerTest, IsolatesRequestsByDefault) {
  start();
  TestClient client(address());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.get("/count").body, "1");
  EXPECT_EQ(figures_.acquired, 3);
}

TEST_F(WorkerTest, KeepsTheMachineForAConnectionIfAsked) {
  options_.isolation = Isolation::connection;
  start();
  {
    TestClient client(address());
    for (int i = 1; i <= 3; ++i) EXPECT_EQ(client.get("/count").body, std::to_string(i));
    EXPECT_EQ(figures_.leased, 1);
  }
  EXPECT_TRUE(eventually([&] { return figures_.leased == 0; }));
  TestClient next(address());
  EXPECT_EQ(next.get("/count").body, "1");
}

TEST_F(WorkerTest, TakesAnotherMachineWhenTheProgramHasClosedTheConnection) {
  options_.isolation = Isolation::connection;
  start();
  TestClient client(address());
  EXPECT_EQ(client.get("/count").body, "1");
  EXPECT_EQ(client.get("/close").body, "until the end");
  EXPECT_EQ(client.get("/count").body, "1");
  EXPECT_EQ(figures_.acquired, 2);
}

TEST_F(WorkerTest, TellsThePoolHowARequestEnded) {
  options_.isolation = Isolation::none;
  start();
  TestClient client(address());
  client.get("/hello");
  client.get("/close");
  client.get("/crash");
  client.get("/hang-up");
  stop();
  const std::lock_guard lock(figures_.mutex);
  EXPECT_EQ(figures_.endings, (std::vector{Ending::reusable, Ending::closed, Ending::out_of_hand, Ending::closed}));
}

TEST_F(WorkerTest, GivesTheMachineBackOnlyAfterTheClientHasItsAnswer) {
  std::vector<std::uint64_t> sent_at_reset;
  figures_.on_give_back = [&] { sent_at_reset.push_back(stats_.sent_bytes.get()); };
  start();
  TestClient client(address());
  client.get("/hello");
  client.get("/hello");
  stop();
  ASSERT_EQ(sent_at_reset.size(), 2u);
  EXPECT_GT(sent_at_reset[0], 0u);
  EXPECT_EQ(sent_at_reset[1], 2 * sent_at_reset[0]);
}

}  // namespace
}  // namespace mayfly::http
