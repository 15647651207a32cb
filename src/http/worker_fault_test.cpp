// Programs that fail, clients that leave, and too much of everything.
#include <string>

#include "http/testing/worker_fixture.h"

namespace mayfly::http {
namespace {

using namespace std::chrono_literals;
using testing::Response;
using testing::TestClient;
using testing::WorkerTest;

std::string get(std::string_view path) {
  return fmt::format("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", path);
}

TEST_F(WorkerTest, AnswersForAProgramThatFails) {
  start();
  TestClient client(address());
  for (const std::string_view path : {"/crash", "/stuck", "/hang-up", "/garbage", "/crash-late"}) {
    const Response response = client.get(path);
    EXPECT_EQ(response.status, 502) << path;
    EXPECT_EQ(response.fields.at("content-type"), "text/plain; charset=utf-8");
    EXPECT_EQ(response.body.find("segmentation"), std::string::npos) << "details are for the log";
    EXPECT_EQ(client.get("/hello").body, "hello") << "after " << path;
  }
  stop();
  EXPECT_EQ(stats_.upstream_failures.get(), 5u);
  EXPECT_NE(log_text().find("GET /crash): 502: the program failed while it answered this request: segmentation fault"),
            std::string::npos)
      << log_text();
  EXPECT_NE(log_text().find("over the memory limit of 64 MiB"), std::string::npos) << log_text();
}

TEST_F(WorkerTest, CutsAnAnswerThatCannotBeCompleted) {
  options_.limits.output_bytes = 64 * 1024;
  program_ = [](testing::Wire& wire) -> testing::Script {
    std::string_view start = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
    wire.write(start);
    co_yield Progress::yielded;
    co_yield Progress::yielded;
    wire.failure = "gone";
    co_yield Progress::failed;
  };
  start();
  TestClient client(address());
  client.send(get("/"));
  bool was_reset = false;
  const std::string all = client.receive_all(&was_reset);
  EXPECT_TRUE(was_reset) << "an orderly end could be taken for the answer's";
  EXPECT_EQ(all.find("HTTP/1.1 502"), std::string::npos);
  EXPECT_TRUE(eventually([&] { return figures_.leased == 0; }));
}

TEST_F(WorkerTest, DropsWhatAProgramWritesBehindItsAnswer) {
  options_.isolation = Isolation::connection;
  start();
  TestClient client(address());
  for (const std::string_view path : {"/second", "/longer", "/chunked-longer"}) {
    EXPECT_EQ(client.get(path).body, "hello") << path;
    EXPECT_EQ(client.get("/count").body, "1") << "a fresh machine after " << path;
  }
  stop();
  EXPECT_EQ(stats_.surplus_answers.get(), 3u);
  const std::lock_guard lock(figures_.mutex);
  EXPECT_EQ(std::count(figures_.endings.begin(), figures_.endings.end(), Ending::out_of_hand), 3);
  EXPECT_NE(log_text().find("GET /second): the program wrote more than its answer"), std::string::npos) << log_text();
}

TEST_F(WorkerTest, EndsAnEndlessRequestWhileOthersAreServed) {
  machines_ = 2;
  options_.timeouts.request = 300ms;
  start();
  TestClient endless(address());
  endless.send(get("/spin"));
  ASSERT_TRUE(eventually([&] { return figures_.leased == 1; }));
  TestClient other(address());
  int served = 0;
  while (stats_.deadlines.get() == 0) {
    ASSERT_EQ(other.get("/hello").body, "hello");
    ++served;
  }
  EXPECT_GT(served, 2);
  EXPECT_EQ(endless.receive().status, 504);
  EXPECT_EQ(endless.get("/hello").body, "hello");
  stop();
  const std::lock_guard lock(figures_.mutex);
  EXPECT_EQ(std::count(figures_.endings.begin(), figures_.endings.end(), Ending::out_of_hand), 1);
}

TEST_F(WorkerTest, WaitsForTheProgramsTimer) {
  start();
  TestClient client(address());
  const auto begin = loop::Clock::now();
  EXPECT_EQ(client.get("/nap").body, "rested");
  EXPECT_GE(loop::Clock::now() - begin, 30ms);
  stop();
  EXPECT_LE(figures_.runs, 3) << "a machine with nothing to do is left alone";
}

TEST_F(WorkerTest, TakesTheMachineBackFromAClientThatLeft) {
  options_.timeouts.abandoned = 20ms;
  start();
  for (const bool orderly : {true, false}) {
    TestClient client(address());
    client.send(get("/spin"));
    ASSERT_TRUE(eventually([&] { return figures_.leased == 1; }));
    if (!orderly) {
      const linger reset{.l_onoff = 1, .l_linger = 0};
      ::setsockopt(client.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    }
    client.close();
    EXPECT_TRUE(eventually([&] { return figures_.leased == 0; }));
  }
  EXPECT_EQ(stats_.abandoned.get(), 2u);
  TestClient next(address());
  EXPECT_EQ(next.get("/hello").body, "hello");
}

TEST_F(WorkerTest, AnswersAClientThatHalfClosed) {
  start();
  TestClient client(address());
  client.send(get("/nap"));
  client.shut();
  EXPECT_EQ(client.receive().body, "rested");
  EXPECT_EQ(client.receive_all(), "");
}

TEST_F(WorkerTest, QueuesWhenNoMachineIsFree) {
  hold_machines();
  start();
  TestClient first(address());
  first.send(get("/hello"));
  ASSERT_TRUE(eventually([&] { return figures_.leased == 1; }));
  std::vector<std::unique_ptr<TestClient>> waiting;
  for (int i = 0; i < 5; ++i) {
    waiting.push_back(std::make_unique<TestClient>(address()));
    waiting.back()->send(fmt::format("GET /head HTTP/1.1\r\nHost: n{}\r\n\r\n", i));
    ASSERT_TRUE(eventually([&] { return stats_.queued.get() == static_cast<std::uint64_t>(i) + 1; }));
  }
  waiting[2]->close();
  held_ = false;
  EXPECT_EQ(first.receive().body, "hello");
  for (const std::size_t i : {0u, 1u, 3u, 4u}) {
    EXPECT_NE(waiting[i]->receive().body.find(fmt::format("Host: n{}\r\n", i)), std::string::npos);
  }
  stop();
  const std::lock_guard lock(figures_.mutex);
  EXPECT_TRUE(std::is_sorted(figures_.requests.begin(), figures_.requests.end(),
                             [](const RequestInfo& a, const RequestInfo& b) { return a.id < b.id; }))
      << "first come, first served";
}

TEST_F(WorkerTest, RefusesWhatIsTooMuchForTheQueue) {
  options_.limits.queue = 1;
  hold_machines();
  start();
  TestClient busy(address());
  busy.send(get("/hello"));
  ASSERT_TRUE(eventually([&] { return figures_.leased == 1; }));
  TestClient queued(address());
  queued.send(get("/hello"));
  ASSERT_TRUE(eventually([&] { return stats_.queued.get() == 1; }));
  TestClient refused(address());
  const Response response = refused.get("/hello");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.fields.at("retry-after"), "1");
  held_ = false;
  EXPECT_EQ(busy.receive().body, "hello");
  EXPECT_EQ(queued.receive().body, "hello");
  EXPECT_EQ(refused.get("/hello").body, "hello");
  EXPECT_EQ(stats_.refused.queue.get(), 1u);
  stop();
}

TEST_F(WorkerTest, TellsAQueuedRequestThatItsTimeIsUp) {
  machines_ = 0;
  options_.timeouts.request = 20ms;
  start();
  TestClient client(address());
  EXPECT_EQ(client.get("/hello").status, 503);
}

TEST_F(WorkerTest, ClosesIdleConnections) {
  options_.timeouts.idle = 20ms;
  start();
  TestClient client(address());
  EXPECT_EQ(client.receive_all(), "");
}

TEST_F(WorkerTest, GivesUpOnAHeadThatDoesNotCome) {
  options_.timeouts.head = 20ms;
  start();
  TestClient client(address());
  client.send("GET / HTTP/1.1\r\nHo");
  EXPECT_EQ(client.receive().status, 408);
}

TEST_F(WorkerTest, RefusesMalformedRequestsAndCloses) {
  start();
  TestClient client(address());
  client.send("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
              get("/smuggled"));
  const Response response = client.receive();
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.fields.at("connection"), "close");
  EXPECT_EQ(client.receive_all(), "") << "nothing behind a refused request is looked at";
  EXPECT_EQ(figures_.acquired, 0);
}

TEST_F(WorkerTest, LeavesClientsOverTheLimitWaiting) {
  options_.limits.connections = 2;
  start();
  auto first = std::make_unique<TestClient>(address());
  TestClient second(address());
  first->get("/hello");
  second.get("/hello");
  TestClient third(address());
  third.send(get("/hello"));
  EXPECT_EQ(second.get("/hello").body, "hello");
  EXPECT_EQ(stats_.connections.get(), 2u);
  first.reset();
  EXPECT_EQ(third.receive().body, "hello");
}

TEST_F(WorkerTest, SurvivesAPoolThatThrows) {
  hold_machines();
  start();
  TestClient busy(address());
  busy.send(get("/hello"));
  ASSERT_TRUE(eventually([&] { return figures_.leased == 1; }));
  TestClient queued(address());
  queued.send(get("/hello"));
  ASSERT_TRUE(eventually([&] { return stats_.queued.get() == 1; }));
  figures_.throws = true;
  held_ = false;
  EXPECT_EQ(busy.receive().body, "hello");
  EXPECT_EQ(queued.receive_all(), "");
  TestClient direct(address());
  direct.send(get("/hello"));
  EXPECT_EQ(direct.receive_all(), "");
  figures_.throws = false;
  TestClient next(address());
  EXPECT_EQ(next.get("/hello").body, "hello");
  stop();
  EXPECT_NE(log_text().find("internal error, connection cut: out of guest memory"), std::string::npos) << log_text();
}

TEST_F(WorkerTest, CutsAnAnswerAtTheDeadline) {
  options_.timeouts.request = 50ms;
  program_ = [](testing::Wire& wire) -> testing::Script {
    std::string_view head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n";
    wire.write(head);
    for (;;) co_yield Progress::yielded;
  };
  start();
  TestClient client(address());
  client.send(get("/"));
  bool was_reset = false;
  client.receive_all(&was_reset);
  EXPECT_TRUE(was_reset);
  EXPECT_TRUE(eventually([&] { return figures_.leased == 0; }));
}

TEST_F(WorkerTest, CutsWhatIsNotDoneWhenItsTimeToStopIsUp) {
  options_.timeouts.drain = 20ms;
  start();
  TestClient client(address());
  client.send(get("/spin"));
  ASSERT_TRUE(eventually([&] { return figures_.leased == 1; }));
  stop();
  EXPECT_EQ(figures_.leased, 0);
}

}  // namespace
}  // namespace mayfly::http
