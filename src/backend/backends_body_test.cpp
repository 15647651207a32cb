// Bodies, both ways.
#include <sys/socket.h>
#include <sys/time.h>

#include "backend/testing/backend_fixture.h"

namespace mayfly::backend::testing {
namespace {

constexpr std::size_t kLarge = 8 * 1024 * 1024;

std::string pattern(std::size_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>(i * 31 + (i >> 10));
  return text;
}

std::string chunked(std::string_view body, std::size_t piece) {
  std::string text;
  for (std::size_t at = 0; at < body.size(); at += piece) {
    const std::string_view chunk = body.substr(at, piece);
    text += fmt::format("{:x}\r\n{}\r\n", chunk.size(), chunk);
  }
  return text + "0\r\n\r\n";
}

std::string post(std::size_t length) {
  return fmt::format("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", length);
}

using BackendBody = BackendsTest;

TEST_F(BackendBody, LargeAnswersArriveWhole) {
  const std::string large = pattern(kLarge);
  const Serving serving(*this, [&](FakeBackend::Connection& connection) {
    for (std::string head = connection.receive_head(); !head.empty(); head = connection.receive_head()) {
      const std::string coded = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(large, 100'000);
      connection.send(head.starts_with("GET /chunked") ? coded : ok(large));
    }
  });
  Guest one = guest();
  EXPECT_TRUE(one.get("/length").body == large);
  EXPECT_TRUE(one.get("/chunked").body == large);
  EXPECT_EQ(backend_->accepted(), 1U);
}

TEST_F(BackendBody, AnswersThatEndWithTheConnectionArriveWhole) {
  const std::string large = pattern(100'000);
  const Serving serving(*this, [&](FakeBackend::Connection& connection) {
    connection.receive_head();
    connection.send("HTTP/1.0 200 OK\r\n\r\n" + large);
  });
  Guest one = guest();
  EXPECT_TRUE(one.get("/").body == large);
  EXPECT_TRUE(one.get("/").body == large);
}

TEST_F(BackendBody, LargeRequestsArriveWhole) {
  const std::string large = pattern(kLarge);
  std::string head;
  const Serving serving(*this, [&](FakeBackend::Connection& connection) {
    head = connection.receive_head();
    connection.send(ok(connection.receive(kLarge) == large ? "same" : "differs"));
    connection.receive_rest();
  });
  EXPECT_EQ(guest().ask(post(kLarge) + large).body, "same");
  EXPECT_NE(head.find("\r\nContent-Length: 8388608\r\n"), std::string::npos);
  EXPECT_EQ(head.find("Expect"), std::string::npos);
}

TEST_F(BackendBody, ChunkedRequestsAreStreamed) {
  std::atomic<int> seen = 0;
  const Serving serving(*this, [&](FakeBackend::Connection& connection) {
    const std::string head = connection.receive_head();
    std::string body;
    for (int i = 0; i < 3; ++i) {
      body += connection.receive(std::string_view("3\r\nabc\r\n").size());
      ++seen;
    }
    body += connection.receive(std::string_view("0\r\n\r\n").size());
    connection.send(ok(head + body));
    connection.receive_rest();
  });
  Guest one = guest();
  one.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 3; ++i) {
    one.send("3\r\nabc\r\n");
    until([&] { return seen == i + 1; });
  }
  one.send("0\r\n\r\n");
  const std::string body = one.receive().body;
  EXPECT_NE(body.find("\r\nTransfer-Encoding: chunked\r\n"), std::string::npos) << body;
  EXPECT_TRUE(body.ends_with("3\r\nabc\r\n3\r\nabc\r\n3\r\nabc\r\n0\r\n\r\n")) << body;
}

TEST_F(BackendBody, AnswersAreStreamed) {
  std::atomic<int> wanted = 1;
  const Serving serving(*this, [&](FakeBackend::Connection& connection) {
    connection.receive_head();
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n");
    for (int i = 0; i < 3; ++i) {
      while (wanted <= i) std::this_thread::yield();
      connection.send("x");
    }
    connection.receive_rest();
  });
  Guest one = guest();
  one.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(one.receive(true).status, 200);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(one.take(1), "x");
    ++wanted;
  }
}

TEST_F(BackendBody, AnEmptyBodyIsDeclared) {
  start([](FakeBackend::Connection& connection) {
    connection.send(ok(connection.receive_head()));
    connection.receive_rest();
  });
  const std::string head = guest().ask(post(0)).body;
  EXPECT_TRUE(head.starts_with("POST / HTTP/1.1\r\n")) << head;
  EXPECT_NE(head.find("\r\nContent-Length: 0\r\n"), std::string::npos) << head;
}

TEST_F(BackendBody, ContinueIsSaidToWhoExpectsIt) {
  start([](FakeBackend::Connection& connection) {
    connection.receive_head();
    connection.send(ok(connection.receive(3)));
    connection.receive_rest();
  });
  Guest one = guest();
  one.send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(one.receive().status, 100);
  one.send("abc");
  EXPECT_EQ(one.receive().body, "abc");
}

TEST_F(BackendBody, AnEarlyAnswerComesAtOnce) {
  start([](FakeBackend::Connection& connection) {
    connection.receive_head();
    connection.send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
    connection.receive_rest();
  });
  Guest one = guest();
  one.send(post(1'000'000) + "start");
  EXPECT_EQ(one.receive().body, "big");
  one.send(std::string(1'000'000 - 5, 'x'));
  EXPECT_EQ(one.get("/").status, 413) << "the rest of the body was thrown away";
}

TEST_F(BackendBody, WhatTheProgramDoesNotTakeIsNotFetched) {
  constexpr std::size_t kHuge = 256 * 1024 * 1024;
  std::atomic<std::size_t> sent = 0;
  std::atomic<bool> full = false;
  const Serving serving(*this, [&](FakeBackend::Connection& connection) {
    connection.receive_head();
    connection.send(fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", kHuge));
    const timeval patience{.tv_sec = 0, .tv_usec = 300'000};
    ::setsockopt(connection.fd(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    while (sent < kHuge && connection.send(std::string(65536, 'x'))) sent += 65536;
    full = true;
  });
  Guest one = guest();
  one.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  until([&] { return full.load(); });
  EXPECT_LT(sent, kHuge / 4) << "no more than the buffers of sockets hold";
}

}  // namespace
}  // namespace mayfly::backend::testing
