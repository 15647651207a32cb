#include "backend.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cctype>
#include <cerrno>

#include "base/error.h"

namespace mayfly::e2e {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

UniqueFd bound_socket(int type) {
  UniqueFd fd(check(::socket(AF_INET, type | SOCK_CLOEXEC, 0), "socket()"));
  const sockaddr_in address = loopback(0);
  check(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind()");
  return fd;
}

std::uint16_t port_of(const UniqueFd& fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  check(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size), "getsockname()");
  return ntohs(address.sin_port);
}

UniqueFd unix_socket(const std::string& path) {
  UniqueFd fd(check(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket()"));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw Error("{} is too long for a socket's path", path);
  path.copy(address.sun_path, path.size());
  check(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind({})", path);
  return fd;
}

}  // namespace

bool BackendConnection::receive(std::string& text) {
  std::array<char, 65536> buffer;
  const ssize_t bytes = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
  if (bytes > 0) text.append(buffer.data(), static_cast<std::size_t>(bytes));
  return bytes > 0;
}

void BackendConnection::drain() {
  for (std::string ignored; receive(ignored);) ignored.clear();
}

bool BackendConnection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void BackendConnection::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  check(::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), "setsockopt(SO_LINGER)");
}

Backend::Backend(Service service, const std::string& unix_path) : service_(std::move(service)) {
  listener_ = unix_path.empty() ? bound_socket(SOCK_STREAM) : unix_socket(unix_path);
  if (unix_path.empty()) port_ = port_of(listener_);
  check(::listen(listener_.get(), SOMAXCONN), "listen()");
  acceptor_ = std::thread([this] { accept_all(); });
}

Backend::~Backend() {
  ::shutdown(listener_.get(), SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const Served& served : served_) {
      if (served.connection) ::shutdown(served.connection->fd(), SHUT_RDWR);
    }
  }
  for (Served& served : served_) served.thread.join();
}

void Backend::accept_all() {
  for (;;) {
    UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!fd && errno == ECONNABORTED) continue;
    if (!fd) return;
    reap();
    const std::lock_guard lock(mutex_);
    Served& served = served_.emplace_back();
    served.connection = std::make_unique<BackendConnection>(std::move(fd), ++accepted_);
    served.thread = std::thread([this, &served] {
      service_(*served.connection);
      const std::lock_guard closing(mutex_);  // the destructor must not shut down a descriptor that is somebody else's
      served.connection.reset();
    });
  }
}

void Backend::reap() {
  std::list<Served> done;
  {
    const std::lock_guard lock(mutex_);
    for (auto served = served_.begin(); served != served_.end();) {
      const auto next = std::next(served);
      if (!served->connection) done.splice(done.end(), served_, served);
      served = next;
    }
  }
  for (Served& served : done) served.thread.join();
}

ClosedPort::ClosedPort() : fd_(bound_socket(SOCK_STREAM)), port_(port_of(fd_)) {}

FullBacklog::FullBacklog() : fd_(bound_socket(SOCK_STREAM)), port_(port_of(fd_)) {
  check(::listen(fd_.get(), 0), "listen()");
  const sockaddr_in address = loopback(port_);
  // The first is what a backlog of 0 takes; the second, as well as the program's, is never answered.
  for (int i = 0; i < 2; ++i) {
    clients_.emplace_back(check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket()"));
    if (::connect(clients_.back().get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
        errno != EINPROGRESS) {
      throw Error("connect()");
    }
  }
}

UdpBackend::UdpBackend() : fd_(bound_socket(SOCK_DGRAM)), port_(port_of(fd_)), thread_([this] { serve(); }) {}

UdpBackend::~UdpBackend() {
  ::shutdown(fd_.get(), SHUT_RDWR);  // ENOTCONN, and yet it wakes whoever waits for a datagram
  thread_.join();
}

void UdpBackend::serve() const {
  for (;;) {
    std::array<char, 65536> buffer;
    sockaddr_in from{};
    socklen_t from_size = sizeof from;
    const ssize_t bytes =
        ::recvfrom(fd_.get(), buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &from_size);
    if (bytes <= 0) return;
    for (ssize_t i = 0; i < bytes; ++i) {
      char& letter = buffer[static_cast<std::size_t>(i)];
      letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    }
    ::sendto(fd_.get(), buffer.data(), static_cast<std::size_t>(bytes), 0, reinterpret_cast<const sockaddr*>(&from),
             from_size);
  }
}

}  // namespace mayfly::e2e
