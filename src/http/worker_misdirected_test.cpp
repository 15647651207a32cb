// Requests for another server, and clients that another process has accepted.
#include <sys/socket.h>

#include <array>
#include <string>

#include "http/request_parser.h"
#include "http/testing/worker_fixture.h"

namespace mayfly::http {
namespace {

using testing::Response;
using testing::TestClient;
using testing::WorkerTest;

bool is_for_a(const RequestHead& head) {
  return head.host == "a";
}

constexpr std::string_view kForB = "GET /hello HTTP/1.1\r\nHost: b\r\n\r\n";

TEST_F(WorkerTest, AMisdirectedRequestIs421AndTheConnectionGoesOn) {
  options_.is_ours = is_for_a;
  start();
  TestClient client(address());
  client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.receive().body, "hello");
  client.send(kForB);
  const Response response = client.receive();
  EXPECT_EQ(response.status, 421);
  EXPECT_EQ(response.body, "this connection leads to another server\n");
  EXPECT_TRUE(response.head.starts_with("HTTP/1.1 421 Misdirected Request\r\n")) << response.head;
  client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.receive().body, "hello");
}

TEST_F(WorkerTest, TheBodyOfAMisdirectedRequestIsSkipped) {
  options_.is_ours = is_for_a;
  start();
  TestClient client(address());
  client.send("POST / HTTP/1.1\r\nHost: b\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'x'));
  EXPECT_EQ(client.receive().status, 421);
  client.send("POST / HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  EXPECT_EQ(client.receive().status, 421);
  client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.receive().body, "hello");
}

TEST_F(WorkerTest, AMisdirectedRequestThatExpects100IsTheLast) {
  options_.is_ours = is_for_a;
  start();
  TestClient client(address());
  client.send("POST / HTTP/1.1\r\nHost: b\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  const std::string all = client.receive_all();
  EXPECT_TRUE(all.starts_with("HTTP/1.1 421 ")) << all;
  EXPECT_NE(all.find("Connection: close\r\n"), std::string::npos) << all;
}

TEST_F(WorkerTest, ClientsThatAnotherProcessHasAcceptedAreServed) {
  channel_ = ConnectionChannel::make();
  const UniqueFd way_in = std::move(channel_.in);
  start();
  for (int i = 0; i < 3; ++i) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()), 0);
    const UniqueFd client(ends[0]);
    {
      const UniqueFd connection(ends[1]);
      ASSERT_EQ(::send(client.get(), kForB.data(), kForB.size(), 0), static_cast<ssize_t>(kForB.size()));
      ASSERT_EQ(pass_connection(way_in.get(), connection.get(), false), PassResult::passed);
    }
    std::array<char, 15> bytes{};
    std::size_t size = 0;
    EXPECT_TRUE(eventually([&] {
      const ssize_t got = ::recv(client.get(), bytes.data() + size, bytes.size() - size, 0);
      if (got > 0) size += static_cast<std::size_t>(got);
      return size == bytes.size();
    }));
    EXPECT_EQ(std::string(bytes.data(), size), "HTTP/1.1 200 OK");
  }
}

TEST_F(WorkerTest, TheEndOfTheOtherProcessLeavesTheRestAsItIs) {
  channel_ = ConnectionChannel::make();
  channel_.in.reset();
  start();
  TestClient client(address());
  EXPECT_EQ(client.get("/hello").body, "hello");
  EXPECT_EQ(client.get("/hello").body, "hello");
}

}  // namespace
}  // namespace mayfly::http
