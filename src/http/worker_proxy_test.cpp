// Connections that a load balancer passes on.
#include <string>

#include "http/testing/worker_fixture.h"

namespace mayfly::http {
namespace {

using testing::Script;
using testing::TestClient;
using testing::Wire;
using testing::WorkerTest;

const std::string kHeader = "PROXY TCP4 192.0.2.1 198.51.100.2 56157 443\r\n";
const std::string kRequest = "GET /head HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string kBinaryHeader("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x02\xc6\x33\x64\x02\xdb\x5d\x01\xbb", 28);
const std::string kLocalHeader("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", 16);

class WorkerProxyTest : public WorkerTest {
 protected:
  WorkerProxyTest() {
    options_.proxy_peers = [](std::string_view peer) { return peer == "127.0.0.1" || peer.empty(); };
    options_.access_log = [this](const AccessRecord& record) { logged_peer_ = record.peer; };
  }
  /// Closed without a word.
  void expect_closed(TestClient& client) {
    EXPECT_EQ(client.receive_all(), "");
    EXPECT_TRUE(eventually([this] { return stats_.open_connections.get() == 0; }));
    EXPECT_EQ(stats_.proxy_header_failures.get(), 1u);
    EXPECT_EQ(figures_.acquired, 0);
  }
  static std::string forwarded_for(const std::string& address) { return "X-Forwarded-For: " + address + "\r\n"; }

  std::string logged_peer_;  // written by the worker's thread
};

TEST_F(WorkerProxyTest, TheClientIsTheOneThatTheHeaderNames) {
  start();
  TestClient client(address());
  client.send(kHeader + kRequest + kRequest);
  for (int i = 0; i < 2; ++i) {
    EXPECT_NE(client.receive().body.find(forwarded_for("192.0.2.1")), std::string::npos);
  }
  stop();
  EXPECT_EQ(logged_peer_, "192.0.2.1");
  ASSERT_EQ(figures_.requests.size(), 2u);
  for (const RequestInfo& request : figures_.requests) {
    EXPECT_EQ(request.peer, "192.0.2.1");
    EXPECT_EQ(request.peer_port, 56157);
  }
}

TEST_F(WorkerProxyTest, TheHeaderMayComeInPieces) {
  start();
  for (const auto& [header, client_address] :
       {std::pair(kHeader, "192.0.2.1"), std::pair(kBinaryHeader, "192.0.2.2"), std::pair(kLocalHeader, "127.0.0.1")}) {
    TestClient client(address());
    for (const char c : header + kRequest) client.send(std::string_view(&c, 1));
    EXPECT_NE(client.receive().body.find(forwarded_for(client_address)), std::string::npos);
  }
}

TEST_F(WorkerProxyTest, OverAUnixSocketToo) {
  const std::string path = ::testing::TempDir() + "mayfly_" + std::to_string(::getpid()) + "_proxy.sock";
  start("unix:" + path);
  TestClient client(address());
  client.send(kBinaryHeader.substr(0, 20));
  client.send(kBinaryHeader.substr(20) + kRequest);
  EXPECT_NE(client.receive().body.find(forwarded_for("192.0.2.2")), std::string::npos);
}

TEST_F(WorkerProxyTest, OthersAreReadAsTheyAre) {
  options_.proxy_peers = [](std::string_view peer) { return peer == "127.0.0.2"; };
  start();
  TestClient client(address());
  client.send(kRequest);
  EXPECT_NE(client.receive().body.find(forwarded_for("127.0.0.1")), std::string::npos);
  TestClient liar(address());
  liar.send(kHeader + kRequest);
  EXPECT_EQ(liar.receive().status, 400);
  EXPECT_EQ(stats_.proxy_header_failures.get(), 0u);
}

TEST_F(WorkerProxyTest, WithoutAHeaderTheConnectionIsClosed) {
  start();
  TestClient client(address());
  client.send(kRequest);
  expect_closed(client);
}

TEST_F(WorkerProxyTest, AHeaderThatEndsEarlyIsNone) {
  start();
  TestClient client(address());
  client.send(kHeader.substr(0, 20));
  client.shut();
  expect_closed(client);
}

TEST_F(WorkerProxyTest, AHeaderThatDoesNotComeIsNotWaitedForForever) {
  options_.timeouts.head = std::chrono::milliseconds(20);
  start();
  TestClient client(address());
  expect_closed(client);
}

TEST_F(WorkerProxyTest, WhoShutsBehindTheHeaderIsServed) {
  start();
  TestClient client(address());
  client.send(kHeader + kRequest);
  client.shut();
  EXPECT_NE(client.receive().body.find(forwarded_for("192.0.2.1")), std::string::npos);
}

TEST_F(WorkerProxyTest, ConnectionsWithoutAHeaderYetCountAgainstTheLimit) {
  options_.limits.connections = 1;
  start();
  TestClient first(address());
  ASSERT_TRUE(eventually([this] { return stats_.open_connections.get() == 1; }));
  TestClient second(address());
  second.send(kHeader + kRequest);
  first.send(kHeader + kRequest);
  EXPECT_EQ(first.receive().status, 200);
  EXPECT_EQ(stats_.connections.get(), 1u);
  first.close();
  EXPECT_EQ(second.receive().status, 200);
}

TEST_F(WorkerProxyTest, NoneIsWaitedForAtTheEnd) {
  start();
  TestClient client(address());
  ASSERT_TRUE(eventually([this] { return stats_.open_connections.get() == 1; }));
  stop();
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_EQ(stats_.open_connections.get(), 0u);
}

TEST_F(WorkerProxyTest, RawConnectionsBeginBehindTheHeader) {
  options_.protocol = Protocol::raw;
  program_ = [](Wire& wire) -> Script {
    while (!wire.eof) co_yield Progress::waiting;
    std::string_view rest = wire.in;
    wire.write(rest);
  };
  start();
  for (const std::string& header : {kHeader, kBinaryHeader}) {
    TestClient client(address());
    client.send(header + "PROXY UNKNOWN\r\nline\n");
    client.shut();
    EXPECT_EQ(client.receive_all(), "PROXY UNKNOWN\r\nline\n");
  }
  stop();
  ASSERT_EQ(figures_.requests.size(), 2u);
  EXPECT_EQ(figures_.requests[0].peer, "192.0.2.1");
  EXPECT_EQ(figures_.requests[1].peer, "192.0.2.2");
}

}  // namespace
}  // namespace mayfly::http
