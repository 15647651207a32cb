// Connections of which nothing is known but their bytes.
#include <chrono>
#include <string>
#include <vector>

#include "http/testing/worker_fixture.h"

namespace mayfly::http {
namespace {

using testing::Script;
using testing::TestClient;
using testing::Wire;
using testing::WorkerTest;

class WorkerRawTest : public WorkerTest {
 protected:
  WorkerRawTest() {
    options_.protocol = Protocol::raw;
    program_ = [](Wire& wire) -> Script {
      std::string_view text = "ready\n";
      wire.write(text);
      for (int lines = 0;;) {
        const std::string in = std::exchange(wire.in, {});
        if (in == "crash\n") {
          wire.failure = "it was told to";
          co_yield Progress::failed;
        }
        if (in == "quit\n" || (in.empty() && wire.eof)) break;
        if (!in.empty()) {
          const std::string answer = std::to_string(++lines) + ": " + in;
          text = answer;
          wire.write(text);
        }
        co_yield Progress::waiting;
      }
      text = "bye\n";
      wire.write(text);
    };
  }
};

TEST_F(WorkerRawTest, TheProgramSpeaksFirstAndEndsTheConnection) {
  start();
  TestClient client(address());
  EXPECT_EQ(client.take(6), "ready\n");
  for (const std::string count : {"1", "2"}) {
    client.send("line\n");
    EXPECT_EQ(client.take(8), count + ": line\n");
  }
  client.send("quit\n");
  bool was_reset = true;
  EXPECT_EQ(client.receive_all(&was_reset), "bye\n");
  EXPECT_FALSE(was_reset);
}

TEST_F(WorkerRawTest, EachConnectionHasAMachineOfItsOwn) {
  machines_ = 2;
  start();
  TestClient first(address());
  TestClient second(address());
  for (TestClient* client : {&first, &second}) {
    EXPECT_EQ(client->take(6), "ready\n");
    client->send("a\n");
    EXPECT_EQ(client->take(5), "1: a\n");
  }
  EXPECT_EQ(figures_.leased, 2);
}

TEST_F(WorkerRawTest, WhoComesWhileAllAreBusyIsServedNext) {
  start();
  TestClient first(address());
  EXPECT_EQ(first.take(6), "ready\n");
  TestClient second(address());
  second.send("a\n");
  second.shut();
  ASSERT_TRUE(eventually([this] { return stats_.queued.get() == 1; }));
  first.shut();
  EXPECT_EQ(first.receive_all(), "bye\n");
  EXPECT_EQ(second.receive_all(), "ready\n1: a\nbye\n");
  stop();
  EXPECT_EQ(figures_.acquired, 2);
}

TEST_F(WorkerRawTest, ItsEndIsPassedOnAfterAllThatCameBefore) {
  start();
  TestClient client(address());
  client.send("a\n");
  client.shut();
  EXPECT_EQ(client.receive_all(), "ready\n1: a\nbye\n");
}

TEST_F(WorkerRawTest, ASilentConnectionIsNotReusedForTheNextClient) {
  options_.isolation = Isolation::none;
  options_.timeouts.tunnel = std::chrono::milliseconds(20);
  start();
  TestClient client(address());
  EXPECT_EQ(client.receive_all(), "ready\n");
  stop();
  EXPECT_EQ(figures_.endings, std::vector<Ending>{Ending::closed});
}

TEST_F(WorkerRawTest, NoWordOfHttpIsSaidWhenThingsGoWrong) {
  options_.timeouts.request = std::chrono::milliseconds(20);
  start();
  TestClient first(address());
  EXPECT_EQ(first.take(6), "ready\n");
  bool was_reset = false;
  EXPECT_EQ(TestClient(address()).receive_all(&was_reset), "") << "no machine became free in time";
  EXPECT_TRUE(was_reset);
  first.send("crash\n");
  EXPECT_EQ(first.receive_all(&was_reset), "");
  EXPECT_TRUE(was_reset);
  EXPECT_EQ(TestClient(address()).take(6), "ready\n");
}

}  // namespace
}  // namespace mayfly::http
