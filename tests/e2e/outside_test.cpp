// A program asks a backend within its request, under each runtime.
#include <gtest/gtest.h>

#include "cli/test_folder.h"
#include "http_backend.h"
#include "load.h"
#include "outside_runtime.h"
#include "places.h"

namespace mayfly::e2e {
namespace {

constexpr const char* kLarge = "16777216";

class Outside : public testing::TestWithParam<Runtime> {
 protected:
  HttpBackend backend_;
  Server server_ = allowed_server(GetParam(), backend_.address());
};

TEST_P(Outside, ARequestGetsTheBackendsAnswer) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(server_.get("/fetch?/hello").body, "hello");
}

TEST_P(Outside, TwoQuestionsShareAConnectionThatTheNextRequestHasNot) {
  EXPECT_EQ(server_.get("/twice").body, "1 1");
  EXPECT_EQ(server_.get("/twice").body, "2 2");
  EXPECT_EQ(backend_.accepted(), 2U);
}

TEST_P(Outside, LargeBodiesArriveWholeBothWays) {
  EXPECT_EQ(server_.get(std::string("/download?") + kLarge).body, std::string(kLarge) + " bytes");
  EXPECT_EQ(server_.get(std::string("/upload?") + kLarge).body, std::string(kLarge) + " bytes");
}

TEST_P(Outside, AStreamedAnswerIsReadPieceByPiece) {
  for (int i = 0; i < 2; ++i) EXPECT_EQ(server_.get("/drip?5").body, "0;1;2;3;4;");
}

TEST_P(Outside, AStreamedBodyIsSentPieceByPiece) {
  for (int i = 0; i < 2; ++i) EXPECT_EQ(server_.get("/sip?5").body, "5000 bytes");
}

TEST_P(Outside, LocalhostIsAName) {
  const std::string url = "http://localhost" + backend_.address().substr(backend_.address().rfind(':')) + "/hello";
  EXPECT_EQ(server_.get("/url?" + url).body, "hello");
}

TEST_P(Outside, OthersAreServedWhileABackendIsSlow) {
  TestClient waiting = server_.client();
  waiting.send("GET /fetch?/gate HTTP/1.1\r\nHost: test\r\n\r\n");
  backend_.wait_for("/gate");
  EXPECT_EQ(server_.get("/fetch?/hello").body, "hello");
  backend_.open_gate();
  EXPECT_EQ(waiting.receive().body, "open");
}

INSTANTIATE_TEST_SUITE_P(All, Outside, testing::ValuesIn(kRuntimes), name_of_parameter);

TEST(OutsideNodeHttp, GetsTheBackendsAnswer) {
  const HttpBackend backend;
  for (const Runtime runtime : {Runtime::node, Runtime::deno}) {
    const Server server = allowed_server(runtime, backend.address());
    EXPECT_EQ(server.get("/http?/hello").body, "hello");
    EXPECT_EQ(server.get("/http?/pattern?100000").body.size(), 100'000U);
  }
}

TEST(OutsideCommand, AsksABackendAndEnds) {
  const HttpBackend backend;
  const std::string script =
      "import urllib.request; print(urllib.request.urlopen('http://" + backend.address() + "/hello').read().decode())";
  const Outcome outcome =
      run_mayfly({"run", "--allow-net=" + backend.address(), "--", existing("/usr/bin/python3"), "-c", script});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "hello\n");
}

/// c-ares, within Node, asks by DNS whoever resolv.conf names.
TEST(OutsideCommand, AResolverThatSpeaksDnsItselfIsAnswered) {
  const auto resolved = [](const std::string& name) {
    const std::string script = "require('dns').resolve4('" + name + "', (e, a) => console.log(e ? e.code : a.join()))";
    const Outcome outcome = run_mayfly({"run", "--command", "--allow-net=localhost", "--backend=api=http://127.0.0.1:9",
                                        "--", existing("/usr/bin/node"), "-e", script});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return outcome.out;
  };
  EXPECT_EQ(resolved("localhost"), "127.0.0.1\n");
  EXPECT_EQ(resolved("api.mayfly"), "192.0.2.16\n");
  EXPECT_EQ(resolved("other.mayfly"), "ENOTFOUND\n");
  EXPECT_EQ(resolved("example.org"), "EREFUSED\n");
}

TEST(OutsideCpp, AHalfClosedConnectionIsAnswered) {
  const HttpBackend backend;
  const Server server = allowed_server(Runtime::cpp, backend.address());
  for (const char* size : {"10", "1000000"}) {
    EXPECT_EQ(server.get(std::string("/shut?/pattern?") + size).body.size(), std::stoul(size));
  }
}

TEST(OutsideCpp, ConnectionsAreLimitedToThoseOfTheOption) {
  const HttpBackend backend;
  Server most = allowed_server(Runtime::cpp, backend.address());
  for (int i = 0; i < 2; ++i) EXPECT_EQ(most.get("/many?32").body, "3200000");
  EXPECT_EQ(most.get("/many?33").body, "failed: ENOBUFS");
  Server few = allowed_server(Runtime::cpp, backend.address(), {"--net-connections=2"});
  for (int i = 0; i < 2; ++i) EXPECT_EQ(few.get("/many?2").body, "200000");
  EXPECT_EQ(few.get("/many?3").body, "failed: ENOBUFS");
  for (Server* server : {&most, &few}) EXPECT_NE(server->process().wait_for_line("--net-connections"), "");
}

TEST(OutsideCpp, BytesAreLimited) {
  const HttpBackend backend;
  Server server = allowed_server(Runtime::cpp, backend.address(), {"--net-bytes=1m"});
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(server.get("/download?800000").body, "800000 bytes");
    EXPECT_EQ(server.get("/download?1600000").body, "failed: ECONNABORTED");
  }
  EXPECT_NE(server.process().wait_for_line("--net-bytes"), "");
}

TEST(OutsideCpp, ManyLargeAnswersAtOnceArriveWhole) {
  const HttpBackend backend;
  const Server server = allowed_server(Runtime::cpp, backend.address(), {"--vms=16", "--threads=2", "--audit=20"});
  const LoadResult result = load(server, "/download?1600000", "1600000 bytes", 200, 16);
  EXPECT_EQ(result.answered, 200U) << result.first_odd;
}

TEST(OutsideDatagrams, AreSentAndAnswered) {
  const UdpBackend backend;
  const Server server =
      asking_server(Runtime::cpp, "", {"--allow-net=" + backend.address(), "--env=UDP_BACKEND=" + backend.address()});
  for (const std::string text : {"a", "ab", "abc"}) {
    const std::string answer = server.get("/udp?" + text).body;
    EXPECT_EQ(answer.size(), text.size());
    EXPECT_EQ(answer.front(), 'A');
  }
}

TEST(OutsideUnixSocket, IsAskedByItsPath) {
  const cli::TestFolder folder;
  const std::string path = folder.path().string() + "/socket";
  const HttpBackend backend(path);
  const Server server = asking_server(Runtime::cpp, "", {"--allow-net=unix:" + path, "--env=BACKEND_SOCKET=" + path});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(server.get("/unix?/hello").body, "hello");
  EXPECT_EQ(server.get("/unix?/pattern?1000000").body.size(), 1'000'000U);
}

}  // namespace
}  // namespace mayfly::e2e
