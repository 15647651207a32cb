#include "backend/testing/fake_backend.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <array>

#include "base/error.h"

namespace mayfly::backend::testing {

bool FakeBackend::Connection::more() {
  std::array<char, 65536> buffer;
  const ssize_t bytes = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
  if (bytes <= 0) return false;
  buffered_.append(buffer.data(), static_cast<std::size_t>(bytes));
  return true;
}

std::string FakeBackend::Connection::cut(std::size_t bytes) {
  std::string text = buffered_.substr(0, bytes);
  buffered_.erase(0, bytes);
  return text;
}

std::string FakeBackend::Connection::receive_head() {
  while (buffered_.find("\r\n\r\n") == std::string::npos) {
    if (!more()) return "";
  }
  return cut(buffered_.find("\r\n\r\n") + 4);
}

std::string FakeBackend::Connection::receive(std::size_t bytes) {
  while (buffered_.size() < bytes && more()) {
  }
  return cut(bytes);
}

std::string FakeBackend::Connection::receive_rest() {
  while (more()) {
  }
  return cut(buffered_.size());
}

bool FakeBackend::Connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

FakeBackend::FakeBackend(Service service) : service_(std::move(service)) {
  listener_.reset(check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket()"));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  check(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), size), "bind()");
  check(::listen(listener_.get(), SOMAXCONN), "listen()");
  check(::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size), "getsockname()");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::jthread([this] { accept_all(); });
}

FakeBackend::~FakeBackend() {
  ::shutdown(listener_.get(), SHUT_RDWR);
  acceptor_.join();
  const std::lock_guard lock(mutex_);
  for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
}

void FakeBackend::accept_all() {
  for (;;) {
    UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!fd) return;
    const unsigned number = ++accepted_;
    const std::lock_guard lock(mutex_);
    open_.push_back(fd.get());
    served_.emplace_back([this, number, owned = std::move(fd)]() mutable {
      const int socket = owned.get();
      Connection connection(std::move(owned), number);
      service_(connection);
      const std::lock_guard closing(mutex_);
      open_.remove(socket);
      ::shutdown(socket, SHUT_RDWR);
    });
  }
}

std::string ok(std::string_view body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace mayfly::backend::testing
