// New snapshots under load, and what many of them leave behind.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "holdings.h"
#include "load.h"
#include "renewed_server.h"

namespace mayfly::e2e {
namespace {

/// Without those that KVM has for each machine, which end a little later than the machine's descriptors.
long threads_of(Server& server) {
  const std::filesystem::directory_iterator folder("/proc/" + std::to_string(server.process().pid()) + "/task");
  return std::count_if(begin(folder), end(folder), [](const auto& task) {
    std::string name;
    std::ifstream(task.path() / "comm") >> name;
    return name == "mayfly";
  });
}

TEST(RefreshLoad, NoRequestIsLost) {
  RenewedServer renewed({"--warmup=5", "--threads=2", "--vms=4", "--audit=5"});
  SteadyLoad clients(renewed.server(), "/hello", "hello\n");
  for (int i = 0; i < 5; ++i) EXPECT_NO_THROW(renewed.refresh());
  clients.stop();
  EXPECT_EQ(clients.result().answered, clients.asked()) << clients.result().first_odd;
}

TEST(RefreshLoad, EveryResetIsCompleteAfterwards) {
  RenewedServer renewed({"--warmup=5", "--vms=2", "--audit=1"});
  renewed.write("two");
  renewed.refresh();
  renewed.wait_for_answer("/start", "two");
  const LoadResult result = load(renewed.server(), "/count", "6", 200, 4);
  EXPECT_EQ(result.answered, 200U) << result.first_odd;
}

TEST(RefreshLoad, NothingIsLeftOfOldSnapshots) {
  RenewedServer renewed({"--warmup=5", "--vms=2"});
  Server& server = renewed.server();
  Holdings before = holdings_of(server);
  const auto renew = [&renewed](int round) {
    renewed.write(std::to_string(round));
    renewed.refresh();
    renewed.wait_for_answer("/start", std::to_string(round));
  };
  for (int round = 1; round <= 5; ++round) renew(round);
  // Each snapshot and each machine has descriptors of its own, so that these tell when the old ones are gone.
  expect_no_more(server, before, 65'536);
  const long threads = threads_of(server);
  before.resident_kib = server.resident_kib();  // the heap has settled
  for (int round = 6; round <= 20; ++round) renew(round);
  expect_no_more(server, before, 8'192);
  EXPECT_EQ(holdings_of(server).descriptors, before.descriptors);
  EXPECT_EQ(threads_of(server), threads);
}

}  // namespace
}  // namespace mayfly::e2e
