// Keys that are another process's: handshakes with them, and what the keeper refuses.
#include "supervisor/remote_key.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <thread>

#include "base/error.h"
#include "http/testing/certificate.h"
#include "supervisor/key_keeper.h"

namespace mayfly::supervisor {
namespace {

using http::testing::Certificate;

struct Pair {
  explicit Pair(int type) {
    std::array<int, 2> both{};
    EXPECT_EQ(::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, both.data()), 0);
    one = UniqueFd(both[0]);
    other = UniqueFd(both[1]);
  }
  UniqueFd one, other;
};

/// A keeper that answers on a thread of its own until the asker is gone.
class Keeper {
 public:
  Keeper(const Certificate& certificate, UniqueFd socket)
      : keeper_({certificate.file(), certificate.key()}), socket_(std::move(socket)), thread_([this] { serve(); }) {}
  ~Keeper() { thread_.join(); }

 private:
  void serve() {
    std::array<char, kMaxKeyQuestionBytes> bytes{};
    ssize_t size = 0;
    while ((size = ::recv(socket_.get(), bytes.data(), bytes.size(), 0)) > 0) {
      const std::string answer = keeper_.answer({bytes.data(), static_cast<std::size_t>(size)});
      ::send(socket_.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    }
  }

  KeyKeeper keeper_;
  UniqueFd socket_;
  std::thread thread_;
};

/// What the client gets, after a handshake in that version. @return "" if there was none
std::string word_by_tls(const http::TlsContext& server, const Certificate& certificate, int version) {
  Pair sockets(SOCK_STREAM);
  std::thread serving([&] {
    const auto session = server.new_session(sockets.one.get());
    std::array<std::byte, 16> room{};
    std::size_t size = 0;
    if (session->read(room, size) == http::TlsSession::Result::done) {
      static_cast<void>(session->write(std::span(room).first(size), size));
    }
    session->shut_sending();
    ::shutdown(sockets.one.get(), SHUT_WR);
  });
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  EXPECT_EQ(SSL_CTX_load_verify_file(context.get(), certificate.file().c_str()), 1);
  SSL_CTX_set_min_proto_version(context.get(), version);
  SSL_CTX_set_max_proto_version(context.get(), version);
  const std::unique_ptr<SSL, decltype(&SSL_free)> session(SSL_new(context.get()), &SSL_free);
  SSL_set_fd(session.get(), sockets.other.get());
  std::array<char, 16> word{};
  std::size_t size = 0;
  if (SSL_connect(session.get()) == 1 && SSL_write_ex(session.get(), "word", 4, &size) == 1) {
    if (SSL_read_ex(session.get(), word.data(), word.size(), &size) != 1) size = 0;
  }
  ::shutdown(sockets.other.get(), SHUT_RDWR);
  serving.join();
  return {word.data(), size};
}

class RemoteKeyTest : public testing::TestWithParam<Certificate::Key> {};

TEST_P(RemoteKeyTest, HandshakesNeedNoKeyHere) {
  const Certificate certificate(GetParam());
  Pair sockets(SOCK_SEQPACKET);
  const Keeper keeper(certificate, std::move(sockets.one));
  RemoteKey key(std::move(sockets.other));
  http::TlsContext context([&] { return key.identity(); }, {});
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    EXPECT_EQ(word_by_tls(context, certificate, version), "word") << version;
  }
  context.reload();
  EXPECT_EQ(word_by_tls(context, certificate, TLS1_3_VERSION), "word");
}

INSTANTIATE_TEST_SUITE_P(Kinds, RemoteKeyTest, testing::Values(Certificate::Key::ec, Certificate::Key::rsa));

TEST(RemoteKey, WithoutAKeeperThereIsNoHandshake) {
  const Certificate certificate;
  Pair sockets(SOCK_SEQPACKET);
  auto keeper = std::make_unique<Keeper>(certificate, std::move(sockets.one));
  const int asker = ::dup(sockets.other.get());
  RemoteKey key(std::move(sockets.other));
  const http::TlsContext context([&] { return key.identity(); }, {});
  ::shutdown(asker, SHUT_RDWR);
  ::close(asker);
  keeper.reset();
  EXPECT_EQ(word_by_tls(context, certificate, TLS1_3_VERSION), "");
  EXPECT_THROW(static_cast<void>(key.identity()), Error);
}

KeyMessage question(KeyQuestion what, std::string_view body, std::uint32_t key = 1) {
  return {{.id = 7, .key = key, .what = static_cast<std::uint32_t>(what)}, body};
}

bool is_signed(const KeyKeeper& keeper, const KeyMessage& message) {
  const std::string text = keeper.answer(to_text(message));
  const auto answer = parse_key_message(text);
  EXPECT_TRUE(answer);
  EXPECT_EQ(answer->header.id, 7u);
  const bool done = answer->header.what == static_cast<std::uint32_t>(KeyVerdict::done);
  EXPECT_EQ(done, !answer->body.empty());
  return done;
}

TEST(KeyKeeper, SignsWhatHandshakesAskForOnly) {
  const Certificate rsa(Certificate::Key::rsa), ec(Certificate::Key::ec);
  const KeyKeeper by_rsa({rsa.file(), rsa.key()}), by_ec({ec.file(), ec.key()});
  const std::string digest(32, 'd');
  const std::string encoded = std::string(1, '\0') + std::string(254, 'e') + '\xbc';
  EXPECT_TRUE(is_signed(by_rsa, question(KeyQuestion::rsa_pkcs1, digest)));
  EXPECT_TRUE(is_signed(by_rsa, question(KeyQuestion::rsa_pss, encoded)));
  EXPECT_TRUE(is_signed(by_ec, question(KeyQuestion::ecdsa, digest)));
  EXPECT_FALSE(is_signed(by_rsa, question(KeyQuestion::rsa_pss, std::string(1, '\0') + std::string(255, 'e'))))
      << "that is to be decrypted";
  EXPECT_FALSE(is_signed(by_rsa, question(KeyQuestion::rsa_pss, digest)));
  EXPECT_FALSE(is_signed(by_rsa, question(KeyQuestion::rsa_pkcs1, std::string(256, 'x'))));
  EXPECT_FALSE(is_signed(by_rsa, question(KeyQuestion::ecdsa, digest)));
  EXPECT_FALSE(is_signed(by_ec, question(KeyQuestion::rsa_pkcs1, digest)));
  EXPECT_FALSE(is_signed(by_ec, question(KeyQuestion::ecdsa, std::string(65, 'd'))));
  EXPECT_FALSE(is_signed(by_ec, question(KeyQuestion::ecdsa, "")));
  EXPECT_FALSE(is_signed(by_ec, question(KeyQuestion::ecdsa, digest, 2)));
  EXPECT_FALSE(is_signed(by_ec, question(static_cast<KeyQuestion>(99), digest)));
  EXPECT_EQ(by_ec.answer("short"), "");
}

TEST(KeyKeeper, KeepsEarlierKeysForAWhile) {
  const Certificate certificate;
  KeyKeeper keeper({certificate.file(), certificate.key()});
  const auto current = [&] {
    const std::string text = keeper.answer(to_text(question(KeyQuestion::certificate, "")));
    return parse_key_message(text)->header.key;
  };
  EXPECT_EQ(current(), 1u);
  certificate.renew();
  keeper.reload();
  EXPECT_EQ(current(), 2u);
  EXPECT_TRUE(is_signed(keeper, question(KeyQuestion::ecdsa, "digest", 1)));
  for (int i = 0; i < 5; ++i) keeper.reload();
  EXPECT_FALSE(is_signed(keeper, question(KeyQuestion::ecdsa, "digest", 1)));
}

TEST(KeyKeeper, SaysWhatIsWrongWithTheFiles) {
  const Certificate one, other;
  EXPECT_THROW(KeyKeeper({one.file(), other.key()}), Error);
  EXPECT_THROW(KeyKeeper({"/nowhere", one.key()}), Error);
  EXPECT_THROW(KeyKeeper({one.file(), "/nowhere"}), Error);
}

}  // namespace
}  // namespace mayfly::supervisor
