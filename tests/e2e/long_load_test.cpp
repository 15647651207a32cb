// What only shows after many requests.
#include <gtest/gtest.h>

#include "holdings.h"
#include "http_backend.h"
#include "load.h"
#include "outside_runtime.h"
#include "places.h"

namespace mayfly::e2e {
namespace {

TEST(LongLoad, AMillionRequestsWithoutIsolation) {
  Server server("run", {"--isolate=none", "--vms=1"}, {build_file("examples/hello-cpp")});
  const std::string expected = "Hello from a fresh machine\n";
  LoadResult result = load(server, "/", expected, 100'000, 8, 16);
  EXPECT_EQ(result.answered, 100'000U) << result.first_odd << server.process().err();
  const long before_kib = server.resident_kib();
  result = load(server, "/", expected, 900'000, 8, 16);
  EXPECT_EQ(result.answered, 900'000U) << result.first_odd << server.process().err();
  EXPECT_LT(server.resident_kib() - before_kib, 2'048);
}

TEST(LongLoad, AHundredThousandFreshMachines) {
  Server server("run", {"--vms=2", "--audit=1000"}, {build_file("examples/hello-cpp")});
  const std::string expected = "Hello from a fresh machine\n";
  LoadResult result = load(server, "/", expected, 10'000, 8);
  EXPECT_EQ(result.answered, 10'000U) << result.first_odd << server.process().err();
  const long before_kib = server.resident_kib();
  result = load(server, "/", expected, 90'000, 8);
  EXPECT_EQ(result.answered, 90'000U) << result.first_odd << server.process().err();
  EXPECT_LT(server.resident_kib() - before_kib, 2'048);
}

TEST(LongLoad, AHundredThousandRequestsThatAbandonTheirConnections) {
  const HttpBackend backend;
  Server server = allowed_server(Runtime::cpp, backend.address(), {"--audit=1000"});
  LoadResult result = load(server, "/abandon?here", "here", 5'000, 4);
  EXPECT_EQ(result.answered, 5'000U) << result.first_odd << server.process().err();
  const Holdings before = holdings_of(server);
  result = load(server, "/abandon?here", "here", 100'000, 4);
  EXPECT_EQ(result.answered, 100'000U) << result.first_odd << server.process().err();
  expect_no_more(server, before, 2'048);
  EXPECT_EQ(server.get("/fetch?/hello").body, "hello");
}

}  // namespace
}  // namespace mayfly::e2e
