// Each limit that an operator can set, and the status that tells of it.
#include <gtest/gtest.h>

#include "server.h"

namespace mayfly::e2e {
namespace {

std::string get(const std::string& target, const std::string& more_fields = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: test\r\n" + more_fields + "\r\n";
}

/// The status of the answer to these bytes, over a connection of its own.
int status_of(const Server& server, const std::string& request) {
  TestClient client = server.client();
  client.send(request);
  return client.receive().status;
}

TEST(Limits, OfRequests) {
  const Server server = Server::run({"--warmup=0", "--max-request-line=1k", "--max-header=2k", "--max-header-fields=3",
                                     "--max-body=1k", "--header-timeout=100ms", "--body-timeout=100ms"});
  EXPECT_EQ(status_of(server, get("/hello", "A: a\r\nB: b\r\n")), 200);
  EXPECT_EQ(status_of(server, get("/" + std::string(1024, 'x'))), 414);
  EXPECT_EQ(status_of(server, get("/hello", "A: " + std::string(2048, 'x') + "\r\n")), 431);
  EXPECT_EQ(status_of(server, get("/hello", "A: a\r\nB: b\r\nC: c\r\n")), 431);
  EXPECT_EQ(status_of(server, "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1025\r\n\r\n"), 413);
  EXPECT_EQ(status_of(server, "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n0123456789"), 200);
  EXPECT_EQ(status_of(server, "GET /hello HTTP/1.1\r\nHo"), 408);
  EXPECT_EQ(status_of(server, "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n01234"), 408);
}

TEST(Limits, OfResponses) {
  Server server = Server::run({"--warmup=0", "--max-response=10k"});
  EXPECT_EQ(server.get("/big?10").body.size(), 10U * 1024);
  EXPECT_EQ(server.get("/big?11").status, 502);
  EXPECT_NE(server.process().wait_for_line("over 10240 bytes: --max-response would allow more"), "");
}

TEST(Limits, OfTheQueue) {
  const Server server = Server::run({"--warmup=0", "--vms=1", "--max-queue=0", "--drain-timeout=1ms"});
  TestClient busy = server.client();
  busy.send(get("/hello") + get("/loop"));
  EXPECT_EQ(busy.receive().status, 200);
  Response refused;
  // Until the loop has the only machine, others get it.
  do refused = server.get("/hello");
  while (refused.status == 200);
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.fields.at("retry-after"), "1");
}

TEST(Limits, OfConnections) {
  const Server server = Server::run({"--warmup=0", "--max-connections=1"});
  TestClient first = server.client();
  EXPECT_EQ(first.get("/hello").status, 200);
  TestClient second = server.client();
  second.send(get("/hello"));
  EXPECT_EQ(first.get("/hello").status, 200);
  first.close();
  EXPECT_EQ(second.receive().status, 200);
}

TEST(Limits, OfIdleConnections) {
  const Server server = Server::run({"--warmup=0", "--keep-alive-timeout=50ms"});
  TestClient client = server.client();
  EXPECT_EQ(client.get("/hello").status, 200);
  EXPECT_EQ(client.receive_all(), "");
}

TEST(Limits, OfDraining) {
  Server server = Server::run({"--warmup=0", "--drain-timeout=1ms"});
  TestClient client = server.client();
  client.send(get("/hello") + get("/sleep?60000"));
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_EQ(server.stop(), 0);
  EXPECT_EQ(client.receive_all(), "");
}

}  // namespace
}  // namespace mayfly::e2e
