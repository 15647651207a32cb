// What asking a backend costs: exits and system calls, which no noise can blur.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "http_backend.h"
#include "outside_runtime.h"

namespace mayfly::e2e {
namespace {

const Strings kOptions = {"--stats=json", "--time-slice=1s", "--audit=1000000",
                          "--vms=1",      "--warmup=50",     "--warmup-path=/fetch?/hello"};

std::vector<nlohmann::json> stats_of(Server& server) {
  {
    TestClient client = server.client();
    for (int i = 0; i < 20; ++i) EXPECT_EQ(client.get("/fetch?/hello").body, "hello");
  }
  EXPECT_EQ(server.stop(), 0);
  std::vector<nlohmann::json> stats;
  std::istringstream lines(server.process().out());
  for (std::string line; std::getline(lines, line);) stats.push_back(nlohmann::json::parse(line));
  return stats;
}

constexpr int kExits = 3;  // what the program sends, what it is told of the connection, what it answers
// Two or three more: for ::1, where nobody listens, and for a thread that looks up; its snapshot decides (Node).
constexpr int kExitsByName = 6;
constexpr int kExitsOfShortcut = 6;  // three, and those of a look-up on a thread of its own, as node has it
constexpr int kSyscalls = 17;
constexpr int kForRing0 = 3;  // where ring 0 is the processor's own, to put its state back

/// @param host by which the program knows its backend
std::vector<nlohmann::json> stats_of(Runtime runtime, const std::string& host) {
  const HttpBackend backend;
  Server server = allowed_server(runtime, host + backend.address().substr(backend.address().rfind(':')), kOptions);
  return stats_of(server);
}

class OutsideCost : public testing::TestWithParam<Runtime> {};

TEST_P(OutsideCost, OfOneQuestionIsThreeExits) {
  const auto stats = stats_of(GetParam(), "127.0.0.1");
  ASSERT_EQ(stats.size(), 21U);
  // The first of a connection has its accept as well, and what the start has left.
  int fewest = stats[1].at("host_syscalls");
  for (std::size_t i = 1; i < 20; ++i) {
    EXPECT_LE(stats[i].at("exits"), kExits) << stats[i];
    EXPECT_EQ(stats[i].at("faults"), 0) << stats[i];
    fewest = std::min(fewest, stats[i].at("host_syscalls").get<int>());
  }
  // The worker may wake more often than it must where other tests run.
  EXPECT_TRUE(fewest <= kSyscalls || fewest == kSyscalls + kForRing0) << fewest;
}

TEST_P(OutsideCost, ANameThatTheHostKnowsCostsNoFiles) {
  const auto stats = stats_of(GetParam(), "localhost");
  ASSERT_EQ(stats.size(), 21U);
  for (std::size_t i = 1; i < 20; ++i) EXPECT_LE(stats[i].at("exits"), kExitsByName) << stats[i];
}

TEST_P(OutsideCost, OfABackendThatTheHostAsksIsLittleMore) {
  const HttpBackend backend;
  Server server = backend_server(GetParam(), "http://" + backend.address(), kOptions);
  const auto stats = stats_of(server);
  ASSERT_EQ(stats.size(), 21U);
  int fewest = stats[1].at("exits");
  for (std::size_t i = 2; i < 20; ++i) fewest = std::min(fewest, stats[i].at("exits").get<int>());
  EXPECT_LE(fewest, kExitsOfShortcut);
}

INSTANTIATE_TEST_SUITE_P(All, OutsideCost, testing::ValuesIn(kRuntimes), name_of_parameter);

}  // namespace
}  // namespace mayfly::e2e
