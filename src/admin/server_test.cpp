#include "admin/server.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <unistd.h>

#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "base/error.h"
#include "http/testing/test_client.h"

namespace mayfly::admin {
namespace {

using http::testing::Response;
using http::testing::TestClient;

class AdminServer : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<Server> serve(const std::string& endpoint) {
    Routes routes;
    routes.add("POST", "/refresh", [] { return admin::Response{.status = 202, .body = "begun\n"}; });
    routes.add("GET", "/broken", []() -> admin::Response { throw std::runtime_error("out of order"); });
    return std::make_unique<Server>(http::Endpoint::parse(endpoint), std::move(routes), log_);
  }
  /// One request over a connection of its own, which is closed then.
  [[nodiscard]] static Response ask(const Server& server, const std::string& request, bool to_head = false) {
    TestClient client(server.address());
    client.send(request);
    Response response = client.receive(to_head);
    bool was_reset = false;
    EXPECT_EQ(client.receive_all(&was_reset), "");
    EXPECT_FALSE(was_reset);
    return response;
  }

  std::ostringstream said_;
  spdlog::logger log_{"test", std::make_shared<spdlog::sinks::ostream_sink_mt>(said_)};
};

TEST_F(AdminServer, AnswersAndCloses) {
  const auto server = serve("127.0.0.1:0");
  const Response response = ask(*server, "POST /refresh HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(response.body, "begun\n");
  EXPECT_EQ(response.fields.at("connection"), "close");
  EXPECT_EQ(said_.str(), "");
}

TEST_F(AdminServer, ABodyIsThrownAway) {
  const auto server = serve("127.0.0.1:0");
  const std::string head = "POST /refresh HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\n";
  EXPECT_EQ(ask(*server, head + std::string(100'000, 'x')).status, 202);
}

TEST_F(AdminServer, SaysWhatIsNotThere) {
  const auto server = serve("127.0.0.1:0");
  EXPECT_EQ(ask(*server, "GET / HTTP/1.1\r\nHost: test\r\n\r\n").status, 404);
  const Response refused = ask(*server, "GET /refresh HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.fields.at("allow"), "POST");
  EXPECT_EQ(ask(*server, "HEAD /refresh HTTP/1.1\r\nHost: test\r\n\r\n", true).status, 405);
}

TEST_F(AdminServer, ABodyWithoutEndIsNotReadForEver) {
  const auto server = serve("127.0.0.1:0");
  TestClient client(server->address());
  client.send("POST /refresh HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n");
  EXPECT_EQ(client.receive().status, 202);
  const auto send_for_ever = [&client] {
    for (;;) client.send(std::string(100'000, 'x'));
  };
  EXPECT_THROW(send_for_ever(), std::exception);
  EXPECT_EQ(ask(*server, "POST /refresh HTTP/1.1\r\nHost: test\r\n\r\n").status, 202);
}

TEST_F(AdminServer, RefusesWebPages) {
  const auto server = serve("127.0.0.1:0");
  const std::string request = "POST /refresh HTTP/1.1\r\nHost: test\r\nOrigin: https://example.com\r\n\r\n";
  EXPECT_EQ(ask(*server, request).status, 403);
}

TEST_F(AdminServer, RefusesWhatIsNoRequest) {
  const auto server = serve("127.0.0.1:0");
  EXPECT_EQ(ask(*server, "nonsense\r\n\r\n").status, 400);
  const std::string long_head = "GET / HTTP/1.1\r\nHost: test\r\nA: " + std::string(20'000, 'a') + "\r\n\r\n";
  EXPECT_EQ(ask(*server, long_head).status, 431);
}

TEST_F(AdminServer, AHandlerThatThrowsIsAnswered) {
  const auto server = serve("127.0.0.1:0");
  const Response response = ask(*server, "GET /broken HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body, "out of order\n");
}

TEST_F(AdminServer, ARequestMayComeInPiecesAndEndTheClientsSide) {
  const auto server = serve("127.0.0.1:0");
  TestClient client(server->address());
  client.send("POST /ref");
  client.send("resh HTTP/1.1\r\nHost: t");
  client.send("est\r\n\r\n");
  client.shut();
  EXPECT_EQ(client.receive().status, 202);
  EXPECT_EQ(client.receive_all(), "");
}

TEST_F(AdminServer, ClientsThatSayNothingAreNotInTheWay) {
  const auto server = serve("127.0.0.1:0");
  std::vector<TestClient> silent;
  for (int i = 0; i < 20; ++i) silent.emplace_back(server->address());
  EXPECT_EQ(ask(*server, "POST /refresh HTTP/1.1\r\nHost: test\r\n\r\n").status, 202);
}

TEST_F(AdminServer, ManyClientsTakeTurns) {
  const auto server = serve("127.0.0.1:0");
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(ask(*server, "POST /refresh HTTP/1.1\r\nHost: test\r\n\r\n").status, 202);
  }
}

TEST_F(AdminServer, AUnixSocketGoesWithItsServer) {
  const std::string path = testing::TempDir() + "/admin-" + std::to_string(::getpid());
  {
    const auto server = serve("unix:" + path);
    EXPECT_EQ(ask(*server, "POST /refresh HTTP/1.1\r\nHost: test\r\n\r\n").status, 202);
    EXPECT_EQ(said_.str(), "");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(AdminServer, WarnsWhereOthersCanReachIt) {
  const auto server = serve("0.0.0.0:0");
  EXPECT_NE(said_.str().find("others than this host may reach the admin interface on " + server->address()),
            std::string::npos)
      << said_.str();
}

TEST_F(AdminServer, AnAddressThatIsTakenIsAnError) {
  const auto server = serve("127.0.0.1:0");
  EXPECT_THROW(static_cast<void>(serve(server->address())), Error);
}

}  // namespace
}  // namespace mayfly::admin
