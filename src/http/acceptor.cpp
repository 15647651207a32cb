#include "http/acceptor.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <spdlog/logger.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cstring>
#include <exception>
#include <optional>
#include <utility>

#include "http/passed_connection.h"

namespace mayfly::http {

namespace {

/// Clients accepted before others get their turn.
constexpr int kAcceptsInARow = 16;
constexpr std::chrono::milliseconds kRetryAfter{200};

}  // namespace

Acceptor::Acceptor(loop::EventLoop& loop, Stats& stats, spdlog::logger& log, ListeningSocket source, OnClient on_client)
    : loop_(loop),
      stats_(stats),
      log_(log),
      source_(std::move(source)),
      on_client_(std::move(on_client)),
      retry_timer_(loop.timers(), [this] { resume(); }) {
  resume();
}

void Acceptor::on_events(std::uint32_t /*events*/) {
  for (int i = 0; i < kAcceptsInARow && watching_; ++i) {
    if (!accept_one()) return;
  }
}

UniqueFd Acceptor::take_client(SocketAddress& peer, bool& tls) {
  peer.size = sizeof peer.storage;
  auto* address = reinterpret_cast<sockaddr*>(&peer.storage);
  stats_.client_syscalls.add();
  if (!source_.is_channel) {
    return UniqueFd(::accept4(source_.fd.get(), address, &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  }
  std::optional<PassedConnection> passed = receive_connection(source_.fd.get());
  if (!passed) return {};
  tls = passed->tls;
  stats_.client_syscalls.add();
  // A client that is gone already may have no address any more.
  if (::getpeername(passed->fd.get(), address, &peer.size) < 0) peer = {};
  return std::move(passed->fd);
}

bool Acceptor::note_failure(int error) {
  if (source_.is_channel && error == EPIPE) {
    close();
    return false;
  }
  if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) {
    log_.warn("cannot accept clients for now: {}; `ulimit -n` sets how many descriptors there may be",
              std::strerror(error));
    pause();
    retry_timer_.arm(loop_.now() + kRetryAfter);
  }
  // All else concerns one client that is gone already (accept(2)), or says that there is none.
  return error == ECONNABORTED || error == EINTR;
}

bool Acceptor::accept_one() {
  SocketAddress peer;
  bool tls = source_.tls;
  UniqueFd fd = take_client(peer, tls);
  if (!fd) return note_failure(errno);
  if (peer.family() == AF_INET || peer.family() == AF_INET6) {
    // Answers leave as they are complete; Nagle's algorithm would hold the last piece back.
    const int on = 1;
    stats_.client_syscalls.add();
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  stats_.connections.add();
  try {
    on_client_(std::move(fd), {.id = 0, .peer = peer.host(), .peer_port = peer.port(), .tls = tls});
  } catch (const std::exception& error) {
    log_.error("a client was turned away: {}", error.what());
  }
  return true;
}

void Acceptor::pause() {
  if (!watching_) return;
  watching_ = false;
  loop_.unwatch(source_.fd.get());
}

void Acceptor::resume() {
  if (watching_ || !source_.fd) return;
  // Several workers may watch one unix socket: a client need not wake them all.
  loop_.watch(source_.fd.get(), EPOLLIN | EPOLLEXCLUSIVE, *this);
  watching_ = true;
}

void Acceptor::close() {
  pause();
  retry_timer_.disarm();
  source_.fd.reset();
}

}  // namespace mayfly::http
