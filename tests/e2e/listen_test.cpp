// How clients come in.
#include <gtest/gtest.h>

#include <string>

#include "cli/test_folder.h"
#include "server.h"

namespace mayfly::e2e {
namespace {

constexpr const char* kGetHead = "GET /head HTTP/1.1\r\nHost: test\r\n\r\n";

TEST(ProxyProtocol, TheProgramHearsOfTheClientThatTheHeaderNames) {
  const cli::TestFolder folder;
  const std::string address = "unix:" + folder.path().string() + "/socket";
  const Server server =
      Server::run({"--warmup=5", "--proxy-protocol=unix", "--listen=127.0.0.1:0", "--listen=" + address});
  TestClient client(address);
  client.send(std::string("PROXY TCP4 192.0.2.1 198.51.100.2 56157 443\r\n") + kGetHead);
  EXPECT_NE(client.receive().body.find("X-Forwarded-For: 192.0.2.1\r\n"), std::string::npos);
  EXPECT_NE(server.get("/head").body.find("X-Forwarded-For: 127.0.0.1\r\n"), std::string::npos);
  TestClient without(address);
  without.send(kGetHead);
  EXPECT_EQ(without.receive_all(), "");
}

}  // namespace
}  // namespace mayfly::e2e
