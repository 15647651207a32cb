// Machines that wait for the outside world while others are served.
#include <vector>

#include "http/testing/worker_fixture.h"

namespace mayfly::http {
namespace {

using testing::Script;
using testing::TestClient;
using testing::Wire;
using testing::WorkerTest;

class WorkerParkingTest : public WorkerTest {
 protected:
  /// A program that asks a backend before it answers. The backend is this test, on the worker's thread: it answers all
  /// once so many have asked.
  void ask_backend(std::size_t answer_at) {
    program_ = [this, answer_at](Wire& wire) -> Script {
      while (wire.in.find("\r\n\r\n") == std::string::npos) co_yield Progress::waiting;
      wire.in.clear();
      wire.waits_for_outside = true;
      parked_.push_back(&wire);
      if (parked_.size() == answer_at) {
        answered_ = true;
        for (const Wire* other : parked_) {
          if (other != &wire) other->on_ready();
        }
      }
      while (!answered_) co_yield Progress::waiting;
      wire.waits_for_outside = false;
      std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndata";
      wire.write(answer);
      co_yield Progress::waiting;
    };
  }
  static constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

 private:
  std::vector<Wire*> parked_;
  bool answered_ = false;
};

TEST_F(WorkerParkingTest, LetsAllMachinesWaitAtATime) {
  constexpr int kMachines = 200;
  machines_ = kMachines;
  ask_backend(kMachines);
  start();
  std::vector<TestClient> clients;
  for (int i = 0; i < kMachines; ++i) {
    clients.emplace_back(address());
    clients.back().send(kRequest);
  }
  for (TestClient& client : clients) EXPECT_EQ(client.receive().body, "data");
  stop();
  EXPECT_EQ(figures_.runs, 2 * kMachines - 1) << "one run to ask, one to answer, but for the last to ask";
  EXPECT_EQ(stats_.queued.get(), 0u);
}

TEST_F(WorkerParkingTest, EndsTheWaitAtTheDeadline) {
  options_.timeouts.request = std::chrono::milliseconds(20);
  ask_backend(2);
  start();
  TestClient client(address());
  EXPECT_EQ(client.get("/").status, 504);
  stop();
  ASSERT_EQ(figures_.endings.size(), 1u);
  EXPECT_EQ(figures_.endings[0], Ending::out_of_hand);
}

TEST_F(WorkerParkingTest, ResetsAMachineWhoseClientLeft) {
  options_.timeouts.abandoned = std::chrono::milliseconds(1);
  ask_backend(2);
  start();
  TestClient client(address());
  client.send(kRequest);
  ASSERT_TRUE(eventually([this] { return figures_.runs == 1; }));
  client.close();
  EXPECT_TRUE(eventually([this] { return figures_.leased == 0; }));
}

}  // namespace
}  // namespace mayfly::http
