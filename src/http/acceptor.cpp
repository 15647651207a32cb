#include "http/acceptor.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <spdlog/logger.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cstring>
#include <exception>
#include <utility>

#include "http/endpoint.h"

namespace mayfly::http {

namespace {

/// Clients accepted before others get their turn.
constexpr int kAcceptsInARow = 16;
constexpr std::chrono::milliseconds kRetryAfter{200};

}  // namespace

Acceptor::Acceptor(loop::EventLoop& loop, Stats& stats, spdlog::logger& log, UniqueFd listener, OnClient on_client)
    : loop_(loop),
      stats_(stats),
      log_(log),
      listener_(std::move(listener)),
      on_client_(std::move(on_client)),
      retry_timer_(loop.timers(), [this] { resume(); }) {
  resume();
}

void Acceptor::on_events(std::uint32_t /*events*/) {
  for (int i = 0; i < kAcceptsInARow && watching_; ++i) {
    if (!accept_one()) return;
  }
}

bool Acceptor::accept_one() {
  SocketAddress peer;
  peer.size = sizeof peer.storage;
  stats_.client_syscalls.add();
  UniqueFd fd(
      ::accept4(listener_.get(), reinterpret_cast<sockaddr*>(&peer.storage), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!fd) {
    const int error = errno;
    if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) {
      log_.warn("cannot accept clients for now: {}; `ulimit -n` sets how many descriptors there may be",
                std::strerror(error));
      pause();
      retry_timer_.arm(loop_.now() + kRetryAfter);
    }
    // All else concerns one client that is gone already (accept(2)), or says that there is none.
    return error == ECONNABORTED || error == EINTR;
  }
  if (peer.family() == AF_INET || peer.family() == AF_INET6) {
    // Answers leave as they are complete; Nagle's algorithm would hold the last piece back.
    const int on = 1;
    stats_.client_syscalls.add();
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  stats_.connections.add();
  try {
    on_client_(std::move(fd), {.id = 0, .peer = peer.host(), .peer_port = peer.port()});
  } catch (const std::exception& error) {
    log_.error("a client was turned away: {}", error.what());
  }
  return true;
}

void Acceptor::pause() {
  if (!watching_) return;
  watching_ = false;
  loop_.unwatch(listener_.get());
}

void Acceptor::resume() {
  if (watching_ || !listener_) return;
  // Several workers may watch one unix socket: a client need not wake them all.
  loop_.watch(listener_.get(), EPOLLIN | EPOLLEXCLUSIVE, *this);
  watching_ = true;
}

void Acceptor::close() {
  pause();
  retry_timer_.disarm();
  listener_.reset();
}

}  // namespace mayfly::http
