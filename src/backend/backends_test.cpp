// What a backend is asked, and what the program hears of it.
#include "backend/backends.h"

#include <cerrno>

#include "backend/testing/backend_fixture.h"

namespace mayfly::backend::testing {
namespace {

/// Answers each request with its head.
void echo_heads(FakeBackend::Connection& connection) {
  for (std::string head = connection.receive_head(); !head.empty(); head = connection.receive_head()) {
    connection.send(ok(head));
  }
}

void tell_number(FakeBackend::Connection& connection) {
  while (!connection.receive_head().empty()) connection.send(ok(std::to_string(connection.number())));
}

using Backend = BackendsTest;

TEST_F(Backend, IsAskedForItsOwnPathAndTheRequests) {
  start(echo_heads, "/v1/");
  EXPECT_EQ(guest().get("/a/./..b?c=/../|e").body,
            "GET /v1/a/./..b?c=/../|e HTTP/1.1\r\nHost: " + backend_->address() + "\r\n\r\n");
}

TEST_F(Backend, IsAskedForNothingAboveItsPath) {
  start(echo_heads, "/v1");
  for (const char* path :
       {"/..", "/../x", "/a/../../x", "/%2e%2E/x", "/.%2e", "/..%2fx", "/..;a/x", "/..\\x", "/a%5c.."}) {
    EXPECT_EQ(guest().get(path).status, 400) << path;
  }
  start(echo_heads);
  EXPECT_TRUE(guest().get("/a/../b").body.starts_with("GET /a/../b HTTP/1.1\r\n")) << "there is nothing above";
}

TEST_F(Backend, GetsFieldsFromEndToEnd) {
  start(echo_heads);
  const Answer answer = guest().ask(
      "DELETE / HTTP/1.1\r\nHost: api.mayfly\r\nConnection: keep-alive, X-Private\r\nX-Private: 1\r\nTE: trailers\r\n"
      "Accept-Encoding: br\r\nX-Empty:\r\nAuthorization: Bearer x\r\nUser-Agent: me\r\nUpgrade: h2c\r\n"
      "Proxy-Authorization: y\r\nCookie: a=b\r\n\r\n");
  EXPECT_EQ(answer.body, "DELETE / HTTP/1.1\r\nHost: " + backend_->address() +
                             "\r\nAccept-Encoding: br\r\nX-Empty:\r\nAuthorization: Bearer x\r\nUser-Agent: me\r\n"
                             "Cookie: a=b\r\n\r\n");
}

TEST_F(Backend, AnswersWithItsFieldsAndStatus) {
  start([](FakeBackend::Connection& connection) {
    connection.receive_head();
    connection.send(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 301 Gone West\r\nLocation: /x\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n"
        "Content-Encoding: gzip\r\nDate: today\r\nKeep-Alive: timeout=5\r\nContent-Length: 2\r\n\r\nno");
    connection.receive_rest();
  });
  const Answer answer = guest().get("/");
  EXPECT_EQ(answer.head,
            "HTTP/1.1 301 Gone West\r\nLocation: /x\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nContent-Encoding: gzip\r\n"
            "Date: today\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(answer.body, "no");
}

TEST_F(Backend, ConnectionsAreSharedByRequests) {
  start(tell_number);
  for (int i = 0; i < 3; ++i) {
    Guest one = guest();
    for (int j = 0; j < 3; ++j) EXPECT_EQ(one.get("/").body, "1");
  }
  EXPECT_EQ(backend_->accepted(), 1U);
}

TEST_F(Backend, RequestsAtOnceHaveConnectionsOfTheirOwn) {
  std::atomic<int> asked = 0;
  const Serving serving(*this, [&](FakeBackend::Connection& connection) {
    connection.receive_head();
    ++asked;
    while (asked < 3) std::this_thread::yield();
    connection.send(ok("met"));
    connection.receive_rest();
  });
  std::vector<Guest> guests;
  for (int i = 0; i < 3; ++i) guests.push_back(guest());
  for (Guest& one : guests) one.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  for (Guest& one : guests) EXPECT_EQ(one.receive().body, "met");
}

TEST_F(Backend, PipelinedRequestsAreAnsweredInTurn) {
  start(echo_heads);
  Guest one = guest();
  one.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(one.receive().body.starts_with("GET /1 "));
  EXPECT_TRUE(one.receive().body.starts_with("GET /2 "));
}

TEST_F(Backend, AnswersHeadWithoutABody) {
  start([](FakeBackend::Connection& connection) {
    for (std::string head = connection.receive_head(); !head.empty(); head = connection.receive_head()) {
      const bool to_head = head.starts_with("HEAD ");
      connection.send(std::string("HTTP/1.1 ") +
                      (to_head ? "200 OK\r\nContent-Length: 5\r\n\r\n" : "204 None\r\n\r\n"));
    }
  });
  Guest one = guest();
  one.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(one.receive(true).head.find("\r\nContent-Length: 5\r\n"), std::string::npos);
  EXPECT_EQ(one.get("/").status, 204);
  EXPECT_EQ(backend_->accepted(), 1U);
}

TEST_F(Backend, ClosesWhereTheProgramWantsIt) {
  start([](FakeBackend::Connection& connection) {
    while (!connection.receive_head().empty()) {
      connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nTrailer: x\r\n\r\n");
    }
  });
  Guest closing = guest();
  EXPECT_EQ(closing.ask("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").body, "abc");
  EXPECT_EQ(closing.receive_rest(), "");
  Guest old = guest();
  old.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(old.receive_rest().ends_with("\r\n\r\nabc"));
  Guest half_closed = guest();
  half_closed.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  half_closed.shut();
  EXPECT_EQ(half_closed.receive().body, "abc");
  for (Guest* one : {&closing, &old, &half_closed}) one->close();
  until([&] { return backends_->connections() == 0; });
  EXPECT_EQ(backend_->accepted(), 1U);
}

TEST_F(Backend, OtherAddressesAreNotItsOwn) {
  start(tell_number);
  EXPECT_FALSE(backends_->connect({.bytes = address_of(1), .port = kPort}, 0));
  EXPECT_FALSE(backends_->connect({.bytes = net::kLoopback4, .port = kPort}, 0));
  const auto https = backends_->connect({.bytes = address_of(0), .port = 443}, 0);
  ASSERT_TRUE(https);
  EXPECT_EQ(https->error, ECONNREFUSED);
  ASSERT_EQ(log_.size(), 1U);
  EXPECT_NE(log_[0].find("http://api.mayfly/"), std::string::npos);
}

}  // namespace
}  // namespace mayfly::backend::testing
