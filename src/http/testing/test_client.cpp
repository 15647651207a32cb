#include "http/testing/test_client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/error.h"
#include "http/endpoint.h"

namespace mayfly::http::testing {

TestClient::TestClient(const std::string& address, std::chrono::seconds patience) {
  const SocketAddress target = SocketAddress::resolve(Endpoint::parse(address));
  fd_.reset(check(::socket(target.family(), SOCK_STREAM | SOCK_CLOEXEC, 0), "socket()"));
  const timeval timeout{.tv_sec = patience.count(), .tv_usec = 0};
  check(::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout), "setsockopt()");
  check(::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout), "setsockopt()");
  if (target.family() != AF_UNIX) {
    const int on = 1;
    check(::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "setsockopt()");
  }
  check(::connect(fd_.get(), target.get(), target.size), "connect({})", address);
}

TestClient::~TestClient() = default;
TestClient::TestClient(TestClient&&) noexcept = default;
TestClient& TestClient::operator=(TestClient&&) noexcept = default;

void TestClient::start_tls(const std::string& certificate, const std::string& protocol) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  tls_.reset(SSL_new(context.get()), &SSL_free);
  const std::string offered = static_cast<char>(protocol.size()) + protocol;
  const auto* offered_bytes = reinterpret_cast<const unsigned char*>(offered.data());
  const bool ready =
      SSL_CTX_load_verify_file(context.get(), certificate.c_str()) == 1 &&
      SSL_set1_host(tls_.get(), "localhost") == 1 && SSL_set_fd(tls_.get(), fd_.get()) == 1 &&
      (protocol.empty() || SSL_set_alpn_protos(tls_.get(), offered_bytes, static_cast<unsigned>(offered.size())) == 0);
  if (ready && SSL_connect(tls_.get()) == 1) return;
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  throw std::runtime_error(std::string("no TLS: ") + (reason != nullptr ? reason : "the connection ended"));
}

void TestClient::close() {
  tls_.reset();
  fd_.reset();
}

void TestClient::send(std::string_view bytes) {
  while (tls_ && !bytes.empty()) {
    std::size_t sent = 0;
    if (SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &sent) != 1) throw std::runtime_error("SSL_write_ex()");
    bytes.remove_prefix(sent);
  }
  while (!bytes.empty()) {
    const auto sent = check(::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), "send()");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::size_t TestClient::send_some(std::string_view bytes) {
  const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

void TestClient::shut() {
  if (tls_) SSL_shutdown(tls_.get());
  check(::shutdown(fd_.get(), SHUT_WR), "shutdown()");
}

bool TestClient::read_more() {
  std::array<char, 16384> bytes;
  if (tls_) {
    std::size_t size = 0;
    ERR_clear_error();
    const int returned = SSL_read_ex(tls_.get(), bytes.data(), bytes.size(), &size);
    buffered_.append(bytes.data(), size);
    const int error = SSL_get_error(tls_.get(), returned);
    was_reset_ = returned != 1 && error != SSL_ERROR_ZERO_RETURN;
    return returned == 1;
  }
  const ssize_t received = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
  if (received < 0 && errno == ECONNRESET) {
    was_reset_ = true;
    return false;
  }
  check(received, "recv()");
  buffered_.append(bytes.data(), static_cast<std::size_t>(received));
  return received > 0;
}

std::string TestClient::take(std::size_t bytes) {
  while (buffered_.size() < bytes) {
    if (!read_more()) throw std::runtime_error("the connection ended in the middle of: " + buffered_.substr(0, 200));
  }
  std::string taken = buffered_.substr(0, bytes);
  buffered_.erase(0, bytes);
  return taken;
}

std::string TestClient::take_line() {
  std::size_t end;
  while ((end = buffered_.find("\r\n")) == std::string::npos) {
    if (!read_more()) throw std::runtime_error("the connection ended in the middle of: " + buffered_.substr(0, 200));
  }
  return take(end + 2);
}

std::string TestClient::take_chunks(std::map<std::string, std::string>& trailers) {
  std::string body;
  while (const std::size_t size = std::stoul(take_line(), nullptr, 16)) {
    body += take(size);
    if (take(2) != "\r\n") throw std::runtime_error("a chunk does not end in CRLF");
  }
  take_fields(trailers);
  return body;
}

/// @return the lines, with the empty one
std::string TestClient::take_fields(std::map<std::string, std::string>& fields) {
  std::string lines;
  for (;;) {
    const std::string line = take_line();
    lines += line;
    if (line == "\r\n") return lines;
    std::string name = line.substr(0, line.find(':'));
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    const std::size_t value = line.find(' ') + 1;
    fields[name] = line.substr(value, line.size() - value - 2);
  }
}

Response TestClient::receive(bool to_head) {
  Response response;
  response.head = take_line();
  response.status = std::stoi(response.head.substr(9, 3));
  response.head += take_fields(response.fields);
  if (to_head || response.status < 200 || response.status == 204 || response.status == 304) return response;
  if (response.fields.contains("transfer-encoding")) {
    response.body = take_chunks(response.trailers);
  } else if (response.fields.contains("content-length")) {
    response.body = take(std::stoul(response.fields["content-length"]));
  } else {
    response.body = receive_all();
  }
  return response;
}

Response TestClient::get(std::string_view path) {
  send("GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n\r\n");
  return receive();
}

std::string TestClient::receive_all(bool* was_reset) {
  while (read_more()) {
  }
  if (was_reset != nullptr) *was_reset = was_reset_;
  return std::exchange(buffered_, {});
}

}  // namespace mayfly::http::testing
