// Each request has a machine as it was frozen: proved with a program that remembers.
#include <gtest/gtest.h>

#include "load.h"
#include "places.h"

namespace mayfly::e2e {
namespace {

std::string counted(unsigned count, unsigned warmup) {
  return "{\"count\":" + std::to_string(count) + ",\"warmup\":" + std::to_string(warmup) + "}";
}

Server counter(const Strings& options) {
  return Server::serve(example("counter/server.js"), options);
}

TEST(Counter, TenThousandRequestsGetTheSameAnswer) {
  const Server server = counter({"--warmup=20", "--audit=250", "--vms=3"});
  const std::string expected = counted(21, 20);
  LoadResult result = load(server, "/", expected, 2'000, 8);
  EXPECT_EQ(result.answered, 2'000U) << result.first_odd;
  const long before_kib = server.resident_kib();
  result = load(server, "/", expected, 8'000, 8);
  EXPECT_EQ(result.answered, 8'000U) << result.first_odd;
  // Room for the heap to settle, none for a page per request.
  EXPECT_LT(server.resident_kib() - before_kib, 2'048);
}

TEST(Counter, EveryResetIsComplete) {
  const Server server = counter({"--audit=1", "--warmup=100"});
  const LoadResult result = load(server, "/", counted(101, 100), 100, 4);
  EXPECT_EQ(result.answered, 100U) << result.first_odd;
}

TEST(Counter, MachinesThatAreResetWhileOthersServeForgetAsWell) {
  const Server server = Server::run({"--warmup=3", "--warmup-path=/touch?300", "--audit=7", "--vms=3"});
  for (const unsigned clients : {1U, 2U, 3U, 8U}) {
    const LoadResult result = load(server, "/touch?300", std::to_string(4 * 300), 400, clients);
    EXPECT_EQ(result.answered, 400U) << clients << " clients: " << result.first_odd;
  }
}

TEST(Counter, WithoutWarmUpTheFirstRequestIsTheFirst) {
  const Server server = counter({"--warmup=0", "--audit=1"});
  EXPECT_NE(server.startup_line().find("not warmed up"), std::string::npos) << server.startup_line();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(server.get("/").body, counted(1, 0));
}

TEST(Counter, WithoutIsolationItRises) {
  const Server server = counter({"--warmup=5", "--isolate=none", "--vms=1"});
  TestClient client = server.client();
  EXPECT_EQ(client.get("/").body, counted(6, 5));
  EXPECT_EQ(client.get("/").body, counted(7, 5));
  EXPECT_EQ(server.get("/").body, counted(8, 5));
}

TEST(Counter, IsolatedByConnectionItRisesWithinOne) {
  const Server server = counter({"--warmup=5", "--isolate=connection", "--vms=2", "--audit=1"});
  TestClient first = server.client();
  TestClient second = server.client();
  for (unsigned count = 6; count < 9; ++count) {
    EXPECT_EQ(first.get("/").body, counted(count, 5));
    EXPECT_EQ(second.get("/").body, counted(count, 5));
  }
  first.close();
  EXPECT_EQ(server.get("/").body, counted(6, 5));
}

TEST(Counter, AnOlderDenoIsIsolatedAsWell) {
  const Server server = counter({"--warmup=10", "--audit=5", "--runtime=" + old_deno()});
  const LoadResult result = load(server, "/", counted(11, 10), 50, 4);
  EXPECT_EQ(result.answered, 50U) << result.first_odd;
}

TEST(Counter, SeveralThreadsServeTheSameSnapshot) {
  const Server server = counter({"--warmup=10", "--audit=20", "--threads=2", "--vms=4"});
  const LoadResult result = load(server, "/", counted(11, 10), 400, 8);
  EXPECT_EQ(result.answered, 400U) << result.first_odd;
}

}  // namespace
}  // namespace mayfly::e2e
