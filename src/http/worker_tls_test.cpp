// Clients that come by TLS.
#include <chrono>
#include <string>

#include "base/error.h"
#include "http/testing/certificate.h"
#include "http/testing/worker_fixture.h"
#include "http/tls.h"

namespace mayfly::http {
namespace {

using testing::Certificate;
using testing::TestClient;
using testing::WorkerTest;

class WorkerTlsTest : public WorkerTest {
 protected:
  WorkerTlsTest() {
    options_.tls = std::make_shared<TlsContext>(TlsFiles{certificate_.file(), certificate_.key()},
                                                std::vector<std::string_view>{"http/1.1"});
  }
  void start_with_tls() { start("tls:127.0.0.1:0"); }
  TestClient client() {
    TestClient client(address());
    client.start_tls(certificate_.file());
    return client;
  }

  Certificate certificate_;
};

TEST_F(WorkerTlsTest, RequestsFollowEachOtherOnAConnection) {
  start_with_tls();
  TestClient tls = client();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(tls.get("/hello").body, "hello");
  EXPECT_NE(tls.get("/head").body.find("X-Forwarded-Proto: https\r\n"), std::string::npos);
  tls.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(tls.receive().body, "hello");
  EXPECT_EQ(tls.receive().body, std::string(1'000'000, 'x'));
}

TEST_F(WorkerTlsTest, LargeBodiesArriveWhole) {
  in_capacity_ = 1'000;
  start_with_tls();
  TestClient tls = client();
  std::string body;
  for (int i = 0; body.size() < 500'000; ++i) body += std::to_string(i) + ' ';
  tls.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  EXPECT_TRUE(tls.receive().body == body);
}

TEST_F(WorkerTlsTest, AnAnswerThatEndsWithTheConnectionEndsInOrder) {
  start_with_tls();
  TestClient tls = client();
  tls.send("GET /close HTTP/1.0\r\n\r\n");
  bool was_reset = true;
  EXPECT_NE(tls.receive_all(&was_reset).find("until the end"), std::string::npos);
  EXPECT_FALSE(was_reset) << "without close_notify, an attacker could have cut the answer short";
}

TEST_F(WorkerTlsTest, PlainHttpIsCutAndOthersGoOn) {
  start_with_tls();
  TestClient plain(address());
  plain.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(plain.receive_all().find("hello"), std::string::npos);
  EXPECT_EQ(client().get("/hello").body, "hello");
}

TEST_F(WorkerTlsTest, AHandshakeThatNeverEndsIsEnded) {
  options_.timeouts.head = std::chrono::milliseconds(20);
  start_with_tls();
  EXPECT_EQ(TestClient(address()).receive_all(), "");
}

TEST_F(WorkerTlsTest, ClientsAndServerAgreeOnAProtocol) {
  start_with_tls();
  TestClient silent(address());
  silent.start_tls(certificate_.file(), "");
  EXPECT_EQ(silent.get("/hello").body, "hello");
  EXPECT_THROW(TestClient(address()).start_tls(certificate_.file(), "spdy/1"), std::runtime_error);
}

TEST_F(WorkerTlsTest, ANewCertificateIsForNewConnections) {
  start_with_tls();
  TestClient old = client();
  EXPECT_EQ(old.get("/hello").body, "hello");
  certificate_.renew();
  EXPECT_THROW(client(), std::runtime_error) << "it has not been read yet";
  options_.tls->reload();
  EXPECT_EQ(client().get("/hello").body, "hello");
  EXPECT_EQ(old.get("/hello").body, "hello");
}

TEST_F(WorkerTlsTest, FilesThatCannotBeUsedAreNamed) {
  const auto refusal = [](const std::filesystem::path& certificate, const std::filesystem::path& key) -> std::string {
    try {
      const TlsContext context({certificate, key}, {});
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  const Certificate other;
  EXPECT_EQ(refusal(certificate_.file(), certificate_.key()), "accepted");
  const std::string missing = refusal("/nowhere/c.pem", certificate_.key());
  EXPECT_TRUE(missing.starts_with("--tls-cert /nowhere/c.pem: cannot be used: ")) << missing;
  const std::string foreign = refusal(certificate_.file(), other.key());
  EXPECT_TRUE(foreign.starts_with("--tls-key " + other.key().string() + ": cannot be used: ")) << foreign;
  EXPECT_NE(foreign.find("key values mismatch"), std::string::npos) << foreign;
}

TEST_F(WorkerTlsTest, ABrokenFileLeavesTheOldCertificateInUse) {
  start_with_tls();
  std::filesystem::remove(certificate_.key());
  EXPECT_THROW(options_.tls->reload(), Error);
  EXPECT_EQ(client().get("/hello").body, "hello");
}

}  // namespace
}  // namespace mayfly::http
