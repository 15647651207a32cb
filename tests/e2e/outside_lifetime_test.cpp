// Whatever a request opened is gone with it.
#include <gtest/gtest.h>

#include "holdings.h"
#include "http_backend.h"
#include "load.h"
#include "outside_runtime.h"

namespace mayfly::e2e {
namespace {

class OutsideLifetime : public testing::Test {
 protected:
  static void expect_abandoned(const Server& server, unsigned requests) {
    const LoadResult result = load(server, "/abandon?here", "here", requests, 4);
    EXPECT_EQ(result.answered, requests) << result.first_odd;
  }

  HttpBackend backend_;
};

TEST_F(OutsideLifetime, AbandonedConnectionsLeaveNothing) {
  Server server = allowed_server(Runtime::cpp, backend_.address(), {"--audit=50"});
  expect_abandoned(server, 200);
  const Holdings before = holdings_of(server);
  expect_abandoned(server, 2'000);
  expect_no_more(server, before, 2'048);
}

TEST_F(OutsideLifetime, DenosAbandonedConnectionsLeaveNothing) {
  Server server = allowed_server(Runtime::deno, backend_.address());
  expect_abandoned(server, 50);
  const Holdings before = holdings_of(server);
  expect_abandoned(server, 200);
  expect_no_more(server, before, 4'096);
}

TEST_F(OutsideLifetime, ACrashLeavesNothing) {
  Server server = allowed_server(Runtime::cpp, backend_.address());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(server.get("/abandon-crash").status, 502);
  const Holdings before = holdings_of(server);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(server.get("/abandon-crash").status, 502);
  expect_no_more(server, before, 2'048);
}

TEST_F(OutsideLifetime, ATimeoutLeavesNothing) {
  Server server = allowed_server(Runtime::cpp, backend_.address(), {"--request-timeout=200ms"});
  EXPECT_EQ(server.get("/abandon-loop").status, 504);
  const Holdings before = holdings_of(server);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(server.get("/abandon-loop").status, 504);
    EXPECT_EQ(server.get("/fetch?/never").status, 504);
  }
  expect_no_more(server, before, 2'048);
}

TEST_F(OutsideLifetime, AClientThatLeavesTakesTheBackendsConnectionAlong) {
  Server server = allowed_server(Runtime::cpp, backend_.address());
  const auto leave = [&](unsigned first, unsigned last) {
    for (unsigned i = first; i <= last; ++i) {
      TestClient client = server.client();
      client.send("GET /fetch?/never HTTP/1.1\r\nHost: test\r\n\r\n");
      backend_.wait_for("/never", i);
    }
    EXPECT_EQ(server.get("/fetch?/hello").body, "hello");
  };
  leave(1, 2);
  const Holdings before = holdings_of(server);
  leave(3, 7);
  expect_no_more(server, before, 2'048);
}

TEST_F(OutsideLifetime, AConnectionMadeBeforeTheSnapshotIsBrokenInEveryRequest) {
  Server server = allowed_server(Runtime::cpp, backend_.address(), {"--warmup-path=/pool?/hello"});
  const std::string line = server.process().wait_for_line("ECONNRESET");
  EXPECT_NE(line.find(backend_.address()), std::string::npos) << server.process().err();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(server.get("/pool?/hello").body, "failed: ECONNRESET");
  EXPECT_EQ(server.get("/fetch?/hello").body, "hello");
}

TEST_F(OutsideLifetime, WithoutIsolationAConnectionOutlivesItsRequest) {
  const Server server = allowed_server(Runtime::cpp, backend_.address(), {"--isolate=none", "--vms=1"});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(server.get("/pool?/connection").body, "1");
  EXPECT_EQ(server.get("/pool?/hang-up").body, "failed: the backend closed early");
}

TEST_F(OutsideLifetime, IsolatedByConnectionItLastsAsLongAsTheClients) {
  const Server server = allowed_server(Runtime::cpp, backend_.address(), {"--isolate=connection"});
  for (const std::string number : {"1", "2"}) {
    TestClient client = server.client();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(client.get("/pool?/connection").body, number);
  }
}

TEST_F(OutsideLifetime, AFetchBeforeTheSnapshotDoesNotHurtTheOnesAfter) {
  for (const Runtime runtime : {Runtime::deno, Runtime::node, Runtime::python}) {
    const Server server = allowed_server(runtime, backend_.address(), {"--warmup-path=/fetch?/hello", "--warmup=20"});
    for (int i = 0; i < 5; ++i) EXPECT_EQ(server.get("/fetch?/hello").body, "hello") << name_of(runtime);
  }
}

}  // namespace
}  // namespace mayfly::e2e
