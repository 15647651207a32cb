// A program asks http://NAME.mayfly, and the host asks the backend for it, under each runtime.
#include <gtest/gtest.h>

#include "holdings.h"
#include "http_backend.h"
#include "load.h"
#include "outside_runtime.h"
#include "tls_backend.h"

namespace mayfly::e2e {
namespace {

constexpr const char* kLarge = "16777216";

bool has(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

class Shortcut : public testing::TestWithParam<Runtime> {
 protected:
  [[nodiscard]] Server server(const Strings& options = {}) const {
    return backend_server(GetParam(), "http://" + backend_.address(), options);
  }
  /// The program tells of an error status: some clients read its body, to others it is an exception.
  static void expect_status(const Server& server, const std::string& path, const std::string& status,
                            const std::string& sentence) {
    const std::string body = server.get(path).body;
    EXPECT_TRUE(has(body, status) || has(body, sentence)) << body;
  }

  HttpBackend backend_;
};

TEST_P(Shortcut, RequestsShareAConnection) {
  const Server asking = server();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(asking.get("/fetch?/hello").body, "hello");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(asking.get("/twice").body, "1 1");
  EXPECT_EQ(backend_.accepted(), 1U);
}

TEST_P(Shortcut, LargeBodiesArriveWholeBothWays) {
  const Server asking = server();
  EXPECT_EQ(asking.get(std::string("/download?") + kLarge).body, std::string(kLarge) + " bytes");
  EXPECT_EQ(asking.get(std::string("/upload?") + kLarge).body, std::string(kLarge) + " bytes");
}

TEST_P(Shortcut, BodiesAreStreamedBothWays) {
  const Server asking = server();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(asking.get("/drip?5").body, "0;1;2;3;4;");
    EXPECT_EQ(asking.get("/sip?5").body, "5000 bytes");
  }
}

TEST_P(Shortcut, OthersAreServedWhileABackendIsSlow) {
  const Server asking = server();
  TestClient waiting = asking.client();
  waiting.send("GET /fetch?/gate HTTP/1.1\r\nHost: test\r\n\r\n");
  backend_.wait_for("/gate");
  EXPECT_EQ(asking.get("/fetch?/hello").body, "hello");
  backend_.open_gate();
  EXPECT_EQ(waiting.receive().body, "open");
}

TEST_P(Shortcut, WarmUpRequestsUseIt) {
  const Server asking = server({"--warmup-path=/fetch?/hello", "--warmup=20"});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(asking.get("/fetch?/hello").body, "hello");
}

TEST_P(Shortcut, ABackendThatIsNotThereIs502) {
  const ClosedPort closed;
  Server asking = backend_server(GetParam(), "http://" + closed.address() + "/");
  for (int i = 0; i < 2; ++i)
    expect_status(asking, "/fetch?/hello", "502", "cannot be connected to: Connection refused");
  const std::string line = asking.process().wait_for_line("--backend api=URL");
  EXPECT_TRUE(has(line, "http://" + closed.address() + "/")) << line;
}

TEST_P(Shortcut, ABackendThatNeverAnswersIs504) {
  Server asking = server({"--backend-timeout=2s"});
  expect_status(asking, "/fetch?/never", "504", "did not answer within 2 s");
  EXPECT_NE(asking.process().wait_for_line("--backend-timeout"), "");
  EXPECT_EQ(asking.get("/fetch?/hello").body, "hello");
}

TEST_P(Shortcut, ABackendThatHangsUpIs502) {
  const Server asking = server();
  expect_status(asking, "/fetch?/hang-up", "502", "closed the connection before its answer was complete");
  EXPECT_TRUE(asking.get("/fetch?/half-close").body.starts_with("failed: "));
  EXPECT_EQ(asking.get("/fetch?/hello").body, "hello");
}

TEST_P(Shortcut, UnknownNamesAreRefused) {
  Server asking = server();
  const std::string answer = asking.get("/url?http://other.mayfly:80/").body;
  EXPECT_TRUE(answer.starts_with("failed: ")) << answer;
  EXPECT_NE(asking.process().wait_for_line("--backend other=URL"), "");
}

TEST_P(Shortcut, TlsIsTheHosts) {
  const TlsBackend tls;
  const Server asking = backend_server(GetParam(), tls.url("localhost"), {"--backend-ca=" + tls.certificate()});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(asking.get("/url?http://api.mayfly:80/").body, "hello by TLS");
}

INSTANTIATE_TEST_SUITE_P(All, Shortcut, testing::ValuesIn(kRuntimes), name_of_parameter);

TEST(ShortcutTls, AnUnknownCertificateIsNotTrusted) {
  const TlsBackend tls;
  Server asking = backend_server(Runtime::cpp, tls.url("localhost"));
  const std::string body = asking.get("/fetch?/").body;
  EXPECT_TRUE(has(body, "has a certificate that is not trusted")) << body;
  EXPECT_NE(asking.process().wait_for_line("--backend-ca"), "");
}

TEST(ShortcutTls, AMissingBundleEndsTheStart) {
  Start start;
  start.command = {MAYFLY_PROGRAM,    "run", "--backend=api=https://localhost/", "--backend-ca=/nothing/here", "--",
                   MAYFLY_TEST_SERVER};
  const Outcome outcome = run(start);
  EXPECT_NE(outcome.status, 0);
  EXPECT_TRUE(has(outcome.err, "--backend-ca /nothing/here")) << outcome.err;
}

/// The first connection answers once, and closes when it is asked again.
TEST(ShortcutCpp, AConnectionThatDiedIsReplaced) {
  const Backend backend([](BackendConnection& connection) {
    std::string text;
    while (connection.receive(text)) {
      if (!text.ends_with("\r\n\r\n")) continue;
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + std::to_string(connection.number()));
      text.clear();
      if (connection.number() == 1) {
        static_cast<void>(connection.receive(text));
        return;
      }
    }
  });
  const Server asking = backend_server(Runtime::cpp, "http://" + backend.address());
  for (const char* number : {"1", "2", "2"}) EXPECT_EQ(asking.get("/fetch?/").body, number);
}

TEST(ShortcutCpp, AnAddressServesAsWell) {
  const HttpBackend backend;
  const Server asking = backend_server(Runtime::cpp, "http://" + backend.address());
  EXPECT_EQ(asking.get("/url?http://192.0.2.16:80/hello").body, "hello");
  EXPECT_EQ(asking.get("/url?http://192.0.2.16:81/hello").body, "failed: ECONNREFUSED");
  EXPECT_EQ(asking.get("/url?http://192.0.2.17:80/hello").body, "failed: EACCES");
}

TEST(ShortcutCpp, AHalfClosedConnectionIsAnswered) {
  const HttpBackend backend;
  const Server asking = backend_server(Runtime::cpp, "http://" + backend.address());
  for (const char* size : {"10", "1000000"}) {
    EXPECT_EQ(asking.get(std::string("/shut?/pattern?") + size).body.size(), std::stoul(size));
  }
}

TEST(ShortcutCpp, ManyLargeAnswersAtOnceArriveWhole) {
  const HttpBackend backend;
  const Server asking =
      backend_server(Runtime::cpp, "http://" + backend.address(), {"--vms=16", "--threads=2", "--audit=20"});
  const LoadResult result = load(asking, "/download?1600000", "1600000 bytes", 200, 16);
  EXPECT_EQ(result.answered, 200U) << result.first_odd;
  EXPECT_LE(backend.accepted(), 16U) << "connections are used again";
}

TEST(ShortcutLifetime, AbandonedRequestsLeaveNothing) {
  const HttpBackend backend;
  Server asking = backend_server(Runtime::cpp, "http://" + backend.address(), {"--audit=50"});
  const auto abandon = [&](unsigned requests) {
    const LoadResult result = load(asking, "/abandon?here", "here", requests, 4);
    EXPECT_EQ(result.answered, requests) << result.first_odd;
  };
  abandon(200);
  const Holdings before = holdings_of(asking);
  abandon(2'000);
  // Less than half a page for each; heaps of several threads take their time to settle. See also the long tests.
  expect_no_more(asking, before, 4'096);
}

TEST(ShortcutLifetime, AClientThatLeavesTakesTheBackendsRequestAlong) {
  HttpBackend backend;
  Server asking = backend_server(Runtime::cpp, "http://" + backend.address());
  const auto leave = [&](unsigned first, unsigned last) {
    for (unsigned i = first; i <= last; ++i) {
      TestClient client = asking.client();
      client.send("GET /fetch?/never HTTP/1.1\r\nHost: test\r\n\r\n");
      backend.wait_for("/never", i);
    }
    EXPECT_EQ(asking.get("/fetch?/hello").body, "hello");
  };
  leave(1, 2);
  const Holdings before = holdings_of(asking);
  leave(3, 7);
  expect_no_more(asking, before, 2'048);
}

TEST(ShortcutLifetime, AConnectionMadeBeforeTheSnapshotIsBroken) {
  const HttpBackend backend;
  Server asking = backend_server(Runtime::cpp, "http://" + backend.address(), {"--warmup-path=/pool?/hello"});
  EXPECT_NE(asking.process().wait_for_line("ECONNRESET"), "");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(asking.get("/pool?/hello").body, "failed: ECONNRESET");
  EXPECT_EQ(asking.get("/fetch?/hello").body, "hello");
}

}  // namespace
}  // namespace mayfly::e2e
