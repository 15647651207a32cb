#include "native/epoll_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <system_error>
#include <unordered_map>

namespace mayfly::examples {
namespace {

constexpr int kBacklog = 511;
constexpr std::size_t kMaxEvents = 64;

int checked(int result, const char* call) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), call);
  return result;
}

UniqueFd listen_on(std::uint16_t port) {
  UniqueFd listener(checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"));
  const int on = 1;
  checked(::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "setsockopt(SO_REUSEADDR)");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_ANY);
  address.sin_port = htons(port);
  checked(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
  checked(::listen(listener.get(), kBacklog), "listen");
  return listener;
}

class Server {
 public:
  Server(std::uint16_t port, const Handler& handler) : handler_(handler), listener_(listen_on(port)) {
    control(EPOLL_CTL_ADD, listener_.get(), EPOLLIN);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, kMaxEvents> events;
    for (;;) {
      const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
      if (count < 0 && errno != EINTR) checked(count, "epoll_wait");
      for (int i = 0; i < count; ++i) dispatch(events[static_cast<std::size_t>(i)].data.fd);
    }
  }

 private:
  struct Client {
    Connection connection;
    Connection::State awaited = Connection::State::reading;
  };

  void dispatch(int fd) {
    if (fd == listener_.get()) {
      accept_clients();
    } else {
      advance(fd);
    }
  }

  void accept_clients() {
    for (;;) {
      UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!socket) return;  // EAGAIN, or a client that left in between
      const int on = 1;
      // Fails on a peer that is already gone, which the first read will tell.
      ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      const int fd = socket.get();
      control(EPOLL_CTL_ADD, fd, EPOLLIN);
      clients_.emplace(fd, Client{Connection(std::move(socket))});
    }
  }

  void advance(int fd) {
    Client& client = clients_.at(fd);
    const Connection::State next = client.connection.advance(handler_);
    if (next == Connection::State::closed) {
      clients_.erase(fd);  // closing the socket takes it out of the epoll set
    } else if (next != client.awaited) {
      client.awaited = next;
      control(EPOLL_CTL_MOD, fd, next == Connection::State::writing ? EPOLLOUT : EPOLLIN);
    }
  }

  void control(int operation, int fd, std::uint32_t interest) {
    epoll_event event{};
    event.events = interest;
    event.data.fd = fd;
    checked(::epoll_ctl(epoll_.get(), operation, fd, &event), "epoll_ctl");
  }

  const Handler& handler_;
  UniqueFd epoll_{checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")};
  UniqueFd listener_;
  std::unordered_map<int, Client> clients_;
};

}  // namespace

void serve(std::uint16_t port, const Handler& handler) {
  Server(port, handler).run();
}

std::uint16_t port_from_environment() {
  const char* text = std::getenv("PORT");
  if (text == nullptr) return 8080;
  const std::string_view digits(text);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port == 0) {
    throw std::invalid_argument("PORT is not a port number: " + std::string(digits));
  }
  return port;
}

int serve_main(const Handler& handler) {
  try {
    serve(port_from_environment(), handler);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "cannot serve: %s\n", error.what());
    return 1;
  }
}

}  // namespace mayfly::examples
