// Clients that are connected and ask for nothing.
#include <gtest/gtest.h>

#include <vector>

#include "holdings.h"

namespace mayfly::e2e {
namespace {

TEST(Idle, KeptConnectionsTakeLittleMemory) {
  constexpr std::size_t kClients = 2'000;
  constexpr long kKibPerClient = 6;
  Server server = Server::run({"--warmup=5"});
  TestClient first = server.client();  // stays: that a client has left is noticed a little later
  EXPECT_EQ(first.get("/hello").status, 200);
  const Holdings before = holdings_of(server);
  std::vector<TestClient> clients;
  for (std::size_t i = 0; i < kClients; ++i) {
    clients.push_back(server.client());
    ASSERT_EQ(clients.back().get("/hello").status, 200) << i;
  }
  const Holdings after = holdings_of(server);
  EXPECT_EQ(after.descriptors - before.descriptors, static_cast<long>(kClients));
  EXPECT_LT(after.resident_kib - before.resident_kib, kKibPerClient * static_cast<long>(kClients));
  for (TestClient& client : clients) EXPECT_EQ(client.get("/hello").status, 200);
}

}  // namespace
}  // namespace mayfly::e2e
