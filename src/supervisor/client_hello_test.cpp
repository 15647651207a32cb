#include "supervisor/client_hello.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <memory>

namespace mayfly::supervisor {
namespace {

using Result = ClientHello::Result;

std::string number(std::size_t value, unsigned size) {
  std::string text;
  for (unsigned i = size; i-- > 0;) text += static_cast<char>(value >> (8 * i));
  return text;
}
std::string vector(const std::string& contents, unsigned length_size) {
  return number(contents.size(), length_size) + contents;
}
std::string server_name(const std::string& name) {
  return number(0, 2) + vector(vector(number(0, 1) + vector(name, 2), 2), 2);
}
std::string body(const std::string& extensions) {
  return "\x03\x03" + std::string(32, 'r') + vector("", 1) + vector("\x13\x01", 2) + vector(std::string(1, '\0'), 1) +
         vector(extensions, 2);
}
std::string message(const std::string& contents) {
  return "\x01" + vector(contents, 3);
}
std::string record(const std::string& fragment) {
  return "\x16\x03\x01" + vector(fragment, 2);
}
std::string hello(const std::string& extensions) {
  return record(message(body(extensions)));
}
Result result_of(const std::string& input) {
  return ClientHello().parse(input);
}

/// What OpenSSL sends, with a host unless it is empty.
std::string real_hello(const char* host) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  const std::unique_ptr<SSL, decltype(&SSL_free)> session(SSL_new(context.get()), &SSL_free);
  BIO* out = BIO_new(BIO_s_mem());
  SSL_set_bio(session.get(), BIO_new(BIO_s_mem()), out);
  if (*host != '\0') SSL_set_tlsext_host_name(session.get(), host);
  SSL_set_connect_state(session.get());
  SSL_do_handshake(session.get());
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

TEST(ClientHello, OfOpenSsl) {
  ClientHello parser;
  EXPECT_EQ(parser.parse(real_hello("Shop.Example.com")), Result::complete);
  EXPECT_EQ(parser.server_name(), "shop.example.com");
  EXPECT_EQ(parser.parse(real_hello("")), Result::complete);
  EXPECT_EQ(parser.server_name(), "");
}

TEST(ClientHello, EveryPrefixIsIncomplete) {
  const std::string whole = real_hello("example.com");
  ClientHello parser;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    ASSERT_EQ(parser.parse(std::string_view(whole).substr(0, size)), Result::incomplete) << size;
  }
  EXPECT_EQ(parser.parse(whole + "early data"), Result::complete);
  EXPECT_EQ(parser.server_name(), "example.com");
}

TEST(ClientHello, MayBeCutIntoRecords) {
  const std::string whole = message(body(server_name("example.com")));
  std::string records;
  for (const char byte : whole) records += record(std::string(1, byte));
  ClientHello parser;
  EXPECT_EQ(parser.parse(records.substr(0, records.size() - 1)), Result::incomplete);
  EXPECT_EQ(parser.parse(records), Result::complete);
  EXPECT_EQ(parser.server_name(), "example.com");
}

TEST(ClientHello, WithoutExtensions) {
  const std::string contents = body("");
  EXPECT_EQ(result_of(record(message(contents.substr(0, contents.size() - 2)))), Result::complete);
  EXPECT_EQ(result_of(hello("")), Result::complete);
}

TEST(ClientHello, OtherBytesAreInvalidAtOnce) {
  EXPECT_EQ(result_of("GET / HTTP/1.1\r\n"), Result::invalid);
  EXPECT_EQ(result_of("\x15"), Result::invalid);
  EXPECT_EQ(result_of("\x16\x02"), Result::invalid);
  EXPECT_EQ(result_of(std::string("\x16\x03\x01\0\0", 5)), Result::invalid);
  EXPECT_EQ(result_of("\x16\x03\x01\x40\x01"), Result::invalid);
  EXPECT_EQ(result_of(record("\x02")), Result::invalid);
}

TEST(ClientHello, LengthsHaveToAgree) {
  const std::string good = server_name("a.b");
  EXPECT_EQ(result_of(hello(good)), Result::complete);
  EXPECT_EQ(result_of(record(message(body(good)) + "x")), Result::invalid);
  EXPECT_EQ(result_of(record(message(body(good) + "x"))), Result::invalid);
  EXPECT_EQ(result_of(hello(good + "x")), Result::invalid);
  EXPECT_EQ(result_of(hello(good.substr(0, good.size() - 1))), Result::invalid);
  EXPECT_EQ(result_of(record("\x01" + number(0xffffff, 3))), Result::invalid);
  const std::string contents = body(good);
  for (std::size_t size = 0; size < contents.size(); ++size) {
    if (size == contents.size() - good.size() - 2) continue;  // extensions may be missing as a whole
    EXPECT_EQ(result_of(record(message(contents.substr(0, size)))), Result::invalid) << size;
  }
}

TEST(ClientHello, HasOneName) {
  EXPECT_EQ(result_of(hello(server_name("a.b") + server_name("a.b"))), Result::invalid);
  const std::string two = number(0, 1) + vector("a.b", 2) + number(0, 1) + vector("c.d", 2);
  EXPECT_EQ(result_of(hello(number(0, 2) + vector(vector(two, 2), 2))), Result::invalid);
  const std::string other_kind = number(1, 1) + vector("a.b", 2);
  EXPECT_EQ(result_of(hello(number(0, 2) + vector(vector(other_kind, 2), 2))), Result::invalid);
}

TEST(ClientHello, NamesAreHosts) {
  for (const std::string& bad : {std::string(), std::string("a b"), std::string("a\0b", 3), std::string("a/b"),
                                 std::string("a:1"), std::string("[::1]"), std::string("a."), std::string(254, 'a')}) {
    EXPECT_EQ(result_of(hello(server_name(bad))), Result::invalid) << bad;
  }
}

TEST(ClientHello, IsBounded) {
  const std::string large = message(body(number(21, 2) + vector(std::string(kMaxClientHelloBytes, '\0'), 2)));
  std::string records;
  for (std::size_t at = 0; at < large.size(); at += 1000) records += record(large.substr(at, 1000));
  EXPECT_EQ(result_of(records), Result::invalid);
  EXPECT_EQ(result_of(records.substr(0, 2000)), Result::invalid) << "its length is known";
  std::string tiny;
  const std::string contents = message(std::string(kMaxClientHelloBytes / 2, 'x'));
  for (const char byte : contents) tiny += record(std::string(1, byte));
  EXPECT_EQ(result_of(tiny.substr(0, kMaxClientHelloBytes)), Result::invalid);
}

}  // namespace
}  // namespace mayfly::supervisor
