#include "backend/testing/backend_fixture.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace mayfly::backend::testing {
namespace {

constexpr std::chrono::seconds kPatience{30};

}  // namespace

void BackendsTest::start(FakeBackend::Service service, const std::string& path) {
  backend_ = std::make_unique<FakeBackend>(std::move(service));
  start_at("http://" + backend_->address() + path);
}

void BackendsTest::start_at(const std::string& url) {
  settings_.targets = {Target::parse("api=" + url)};
  backends_.emplace(loop_, syscalls_, settings_, failures_);
  tick();
}

BackendsTest::Guest BackendsTest::guest() {
  auto connection = backends_->connect({.bytes = address_of(0), .port = kPort}, 0);
  EXPECT_TRUE(connection && connection->socket);
  return {*this, std::move(connection->socket)};
}

void BackendsTest::until(const std::function<bool()>& condition) {
  const auto deadline = loop::Clock::now() + kPatience;
  while (!condition()) {
    if (loop::Clock::now() > deadline) throw std::runtime_error("what the test waits for does not happen");
    loop_.turn();
  }
}

void BackendsTest::Guest::send(std::string_view bytes) {
  test_.until([&] {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) throw std::runtime_error("the connection is closed");
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
    return bytes.empty();
  });
}

bool BackendsTest::Guest::more() {
  std::array<char, 65536> buffer;
  const ssize_t bytes = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
  if (bytes > 0) buffered_.append(buffer.data(), static_cast<std::size_t>(bytes));
  ended_ = bytes == 0 || (bytes < 0 && errno != EAGAIN);
  return bytes > 0;
}

/// @return false at the end
bool BackendsTest::Guest::fill_until(const std::function<bool()>& enough) {
  test_.until([&] {
    while (!enough() && more()) {
    }
    return enough() || ended_;
  });
  return enough();
}

std::string BackendsTest::Guest::cut(std::size_t bytes) {
  if (!fill_until([&] { return buffered_.size() >= bytes; })) throw std::runtime_error("the connection ends early");
  std::string text = buffered_.substr(0, bytes);
  buffered_.erase(0, bytes);
  return text;
}

std::string BackendsTest::Guest::take_chunks() {
  std::string body;
  for (;;) {
    static_cast<void>(fill_until([&] { return buffered_.find("\r\n") != std::string::npos; }));
    const std::string size = cut(buffered_.find("\r\n") + 2);
    const std::string chunk = cut(std::stoul(size, nullptr, 16) + 2);
    if (chunk == "\r\n") return body;
    body += chunk.substr(0, chunk.size() - 2);
  }
}

Answer BackendsTest::Guest::receive(bool to_head) {
  if (!fill_until([&] { return buffered_.find("\r\n\r\n") != std::string::npos; })) {
    throw std::runtime_error("there is no answer but " + buffered_);
  }
  Answer answer;
  answer.head = cut(buffered_.find("\r\n\r\n") + 4);
  answer.status = std::stoi(answer.head.substr(9, 3));
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  const std::size_t length = answer.head.find(kLength);
  if (to_head || answer.status < 200) return answer;
  if (length != std::string::npos) {
    answer.body = cut(std::stoul(answer.head.substr(length + kLength.size())));
  } else if (answer.head.find("\r\nTransfer-Encoding: chunked") != std::string::npos) {
    answer.body = take_chunks();
  }
  return answer;
}

std::string BackendsTest::Guest::receive_rest() {
  static_cast<void>(fill_until([] { return false; }));
  return std::move(buffered_);
}

void BackendsTest::Guest::shut() const {
  ::shutdown(fd_.get(), SHUT_WR);
}

}  // namespace mayfly::backend::testing
