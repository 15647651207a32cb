// Exits per request: the figure that no noise can blur.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "places.h"
#include "server.h"

namespace mayfly::e2e {
namespace {

/// What --stats json says of the requests that `ask` makes, in their order, with the total last.
template <typename Ask>
std::vector<nlohmann::json> stats_of(Server& server, const Ask& ask) {
  {
    TestClient client = server.client();
    ask(client);
  }
  EXPECT_EQ(server.stop(), 0);
  std::vector<nlohmann::json> stats;
  std::istringstream lines(server.process().out());
  for (std::string line; std::getline(lines, line);) stats.push_back(nlohmann::json::parse(line));
  return stats;
}

void get_hellos(TestClient& client) {
  for (int i = 0; i < 20; ++i) EXPECT_EQ(client.get("/hello").status, 200);
}

constexpr int kSyscalls = 4;  // epoll_wait, recv, KVM_RUN, send
constexpr int kForRing0 = 3;  // where ring 0 is the processor's own, to put its state back

void expect_one_exit(Server& server) {
  const auto stats = stats_of(server, get_hellos);
  ASSERT_EQ(stats.size(), 21U);
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(stats[i].at("kind"), "request");
    EXPECT_EQ(stats[i].at("exits"), 1) << stats[i];
    EXPECT_GT(stats[i].at("pages_copied"), 0) << stats[i];
    EXPECT_EQ(stats[i].at("status"), 200) << stats[i];
    EXPECT_EQ(stats[i].at("faults"), 0) << stats[i];
  }
  // The first of a connection has its accept as well.
  for (std::size_t i = 1; i < 20; ++i) {
    const int syscalls = stats[i].at("host_syscalls");
    EXPECT_TRUE(syscalls == kSyscalls || syscalls == kSyscalls + kForRing0) << stats[i];
  }
  EXPECT_EQ(stats.back().at("kind"), "total");
  EXPECT_EQ(stats.back().at("requests"), 20);
}

TEST(Cost, OfHelloInCppIsOneExit) {
  Server server("run", {"--stats=json", "--time-slice=1s"}, {build_file("examples/hello-cpp")});
  expect_one_exit(server);
}

TEST(Cost, OfHelloInDenoIsOneExit) {
  // The slice must not end in mid-request on a machine that runs other tests at the same time.
  Server server = Server::serve(example("hello/server.js"), {"--stats=json", "--time-slice=1s"});
  expect_one_exit(server);
}

TEST(Cost, OfAResetAsideIsTwoSystemCalls) {
  Server server = Server::run({"--stats=json", "--time-slice=1s", "--vms=2", "--warmup-path=/touch?300"});
  const auto stats = stats_of(server, [](TestClient& client) {
    for (int i = 0; i < 20; ++i) EXPECT_EQ(client.get("/touch?300").status, 200);
  });
  ASSERT_EQ(stats.size(), 21U);
  constexpr int kAside = 2;
  int aside = 0;
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(stats[i].at("exits"), 1) << stats[i];
    EXPECT_GE(stats[i].at("pages_copied"), 300) << stats[i];
    if (stats[i].at("request") == 1) continue;  // has its accept as well
    int syscalls = stats[i].at("host_syscalls");
    if (syscalls > kSyscalls + kAside) syscalls -= kForRing0;
    EXPECT_TRUE(syscalls == kSyscalls || syscalls == kSyscalls + kAside) << stats[i];
    aside += syscalls == kSyscalls + kAside ? 1 : 0;
  }
  EXPECT_GE(aside, std::thread::hardware_concurrency() > 1 ? 1 : 0);
}

TEST(Cost, OfAFailureHasTheStatusThatTheClientGot) {
  Server server = Server::run({"--stats=json"});
  const auto stats = stats_of(server, [](TestClient& client) { EXPECT_EQ(client.get("/crash").status, 502); });
  ASSERT_EQ(stats.size(), 2U);
  EXPECT_EQ(stats[0].at("status"), 502) << stats[0];
}

TEST(Cost, OfABodyOrALargeAnswerIsTwoExitsAtMost) {
  // Warmed up with the large answer: memory that a machine has never used before costs it an exit the first time.
  Server server = Server::run({"--stats=json", "--time-slice=1s", "--warmup-path=/big?100"});
  const auto stats = stats_of(server, [](TestClient& client) {
    for (int i = 0; i < 5; ++i) {
      client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello");
      EXPECT_EQ(client.receive().body, "hello");
    }
    for (int i = 0; i < 5; ++i) EXPECT_EQ(client.get("/big?100").body.size(), 100U << 10);
  });
  ASSERT_EQ(stats.size(), 11U);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_LE(stats[i].at("exits"), 2) << stats[i];
}

TEST(Cost, OfABodyInDenoIsTwoExitsAtMost) {
  Server server = Server::serve(app("services.js"), {"--stats=json", "--time-slice=1s", "--warmup-path=/echo"});
  const auto stats = stats_of(server, [](TestClient& client) {
    for (int i = 0; i < 5; ++i) {
      client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello");
      EXPECT_EQ(client.receive().body, "hello");
    }
  });
  ASSERT_EQ(stats.size(), 6U);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_LE(stats[i].at("exits"), 2) << stats[i];
}

}  // namespace
}  // namespace mayfly::e2e
