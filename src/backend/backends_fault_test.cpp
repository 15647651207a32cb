// Backends that fail, and programs that do.
#include <sys/socket.h>

#include "backend/testing/backend_fixture.h"

namespace mayfly::backend::testing {
namespace {

class BackendFault : public BackendsTest {
 protected:
  /// Logged once, with these words in it.
  void expect_log(std::initializer_list<std::string_view> words) {
    ASSERT_EQ(log_.size(), 1U);
    for (const std::string_view word : words) EXPECT_NE(log_[0].find(word), std::string::npos) << log_[0];
  }

  /// The first answers its first request only, and closes at the second; the others answer all.
  std::atomic<int> asked_ = 0;
  void start_forgetful() {
    start([this](FakeBackend::Connection& connection) {
      for (int i = 0; !connection.receive_head().empty(); ++i) {
        ++asked_;
        if (connection.number() == 1 && i == 1) return;
        connection.send(ok(std::to_string(connection.number())));
      }
    });
  }
};

TEST_F(BackendFault, NobodyListens) {
  start([](FakeBackend::Connection&) {});
  const std::string address = backend_->address();
  backend_.reset();
  Guest one = guest();
  for (int i = 0; i < 2; ++i) {
    const Answer answer = one.get("/");
    EXPECT_EQ(answer.status, 502);
    EXPECT_EQ(answer.body, "the backend api cannot be connected to: Connection refused\n");
  }
  expect_log({"backend api", address, "Connection refused", "--backend api=URL"});
}

TEST_F(BackendFault, TheNameDoesNotResolve) {
  start_at("http://nowhere.invalid/");
  EXPECT_EQ(guest().get("/").status, 502);
  expect_log({"nowhere.invalid", "does not resolve"});
}

TEST_F(BackendFault, NoAnswerComes) {
  settings_.timeout = std::chrono::milliseconds(300);
  start([](FakeBackend::Connection& connection) { connection.receive_rest(); });
  Guest one = guest();
  for (int i = 0; i < 2; ++i) EXPECT_EQ(one.get("/").status, 504);
  expect_log({"did not answer within 0.3 s", "--backend-timeout"});
}

TEST_F(BackendFault, TheAnswerStops) {
  settings_.timeout = std::chrono::milliseconds(300);
  start([](FakeBackend::Connection& connection) {
    connection.receive_head();
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    connection.receive_rest();
  });
  Guest one = guest();
  one.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(one.receive_rest().ends_with("\r\n\r\nhalf"));
  expect_log({"did not answer"});
}

TEST_F(BackendFault, TheAnswerIsCutOff) {
  start([](FakeBackend::Connection& connection) {
    connection.receive_head();
    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
  });
  Guest one = guest();
  one.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(one.receive_rest().ends_with("hello\r\n"));
  expect_log({"closed the connection before its answer was complete"});
}

TEST_F(BackendFault, TheAnswerIsNoHttp) {
  for (const std::string answer :
       {"SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 200 OK\r\nbad header\r\n\r\n", "HTTP/1.1 101 Switching\r\n\r\n", "",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx"}) {
    const Serving serving(*this, [&](FakeBackend::Connection& connection) {
      connection.receive_head();
      connection.send(answer);
    });
    EXPECT_EQ(guest().get("/").status, 502) << answer;
    EXPECT_EQ(log_.size(), 1U) << answer;
    log_.clear();
    backends_.reset();
  }
}

TEST_F(BackendFault, TheHeadIsTooLarge) {
  start([](FakeBackend::Connection& connection) {
    connection.receive_head();
    connection.send("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n");
  });
  EXPECT_EQ(guest().get("/").status, 502);
}

TEST_F(BackendFault, AKeptConnectionThatDiedIsReplaced) {
  start_forgetful();
  Guest one = guest();
  EXPECT_EQ(one.get("/").body, "1");
  EXPECT_EQ(one.get("/").body, "2");
  EXPECT_EQ(asked_, 3);
  EXPECT_TRUE(log_.empty());
}

TEST_F(BackendFault, ARequestWithASmallBodyIsRepeatedWhole) {
  const Serving serving(*this, [&](FakeBackend::Connection& connection) {
    for (int i = 0; !connection.receive_head().empty(); ++i) {
      const std::string body = connection.receive(5);
      if (connection.number() == 1 && i == 1) return;
      connection.send(ok(body));
    }
  });
  Guest one = guest();
  const std::string request = "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";
  for (int i = 0; i < 2; ++i) EXPECT_EQ(one.ask(request).body, "hello");
  EXPECT_EQ(backend_->accepted(), 2U);
}

TEST_F(BackendFault, APostIsNeverSentTwice) {
  start_forgetful();
  Guest one = guest();
  EXPECT_EQ(one.get("/").body, "1");
  const Answer answer = one.ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(answer.status, 502);
  EXPECT_EQ(asked_, 2);
  EXPECT_EQ(one.get("/").status, 200) << "the program's connection goes on";
  expect_log({"may not be sent twice"});
}

TEST_F(BackendFault, AKeptConnectionThatWasClosedIsNotUsed) {
  std::atomic<bool> closed = false;
  const Serving serving(*this, [&](FakeBackend::Connection& connection) {
    connection.receive_head();
    connection.send(ok("x"));
    ::shutdown(connection.fd(), SHUT_RDWR);
    closed = true;
  });
  Guest one = guest();
  for (int i = 0; i < 3; ++i) {
    closed = false;
    EXPECT_EQ(one.ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n").body, "x");
    until([&] { return closed.load(); });
  }
  EXPECT_EQ(backend_->accepted(), 3U);
}

TEST_F(BackendFault, TheProgramsBodyStops) {
  settings_.timeout = std::chrono::milliseconds(300);
  start([](FakeBackend::Connection& connection) { connection.receive_rest(); });
  Guest one = guest();
  EXPECT_EQ(one.ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf").status, 408);
  EXPECT_EQ(one.receive_rest(), "");
  EXPECT_TRUE(log_.empty());
}

TEST_F(BackendFault, TheProgramSaysNonsense) {
  start([](FakeBackend::Connection& connection) { connection.receive_rest(); });
  const std::string long_head = "GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n";
  const std::vector<std::pair<std::string, int>> cases = {
      {"nonsense\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505},
      {"CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n", 501},
      {"HEAD / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", 400},
      {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nnope\r\n", 400},
      {long_head, 431},
  };
  for (const auto& [request, status] : cases) {
    Guest one = guest();
    one.send(request);
    EXPECT_EQ(one.receive(request.starts_with("HEAD")).status, status) << request.substr(0, 60);
    EXPECT_EQ(one.receive_rest(), "");
  }
  until([&] { return backends_->connections() == 0; });
}

TEST_F(BackendFault, AProgramThatLeavesTakesTheRequestAlong) {
  std::atomic<int> begun = 0, ended = 0;
  const Serving serving(*this, [&](FakeBackend::Connection& connection) {
    connection.receive_head();
    ++begun;
    connection.receive_rest();
    ++ended;
  });
  Guest one = guest();
  one.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  until([&] { return begun == 1; });
  one.close();
  until([&] { return ended == 1; });
  EXPECT_EQ(backends_->connections(), 0U);
  Guest other = guest();
  other.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
  until([&] { return begun == 2; });
  other.shut();
  until([&] { return ended == 2; });
}

}  // namespace
}  // namespace mayfly::backend::testing
