#include "http/proxy_greeting.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <exception>
#include <utility>

namespace mayfly::http {

ProxyGreeting::ProxyGreeting(const Services& services, UniqueFd fd, RequestInfo peer)
    : services_(services),
      fd_(std::move(fd)),
      peer_(std::move(peer)),
      timer_(services.loop.timers(), [this] { refuse("did not arrive in time"); }) {
  // Edge-triggered: what is only looked at stays in the socket, and would wake the loop for ever.
  services_.loop.watch(fd_.get(), EPOLLIN | EPOLLRDHUP | EPOLLET, *this);
  services_.stats.open_connections.add();
  timer_.arm(services_.loop.now() + services_.options.timeouts.head);
}

ProxyGreeting::~ProxyGreeting() {
  if (fd_) finish();
}

void ProxyGreeting::on_events(std::uint32_t events) {
  if (!fd_) return;
  read();
  if (fd_ && (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) refuse("has an end before its time");
}

void ProxyGreeting::read() {
  std::array<char, kMaxProxyHeaderBytes> bytes;
  services_.stats.client_syscalls.add();
  const ssize_t received = ::recv(fd_.get(), bytes.data(), bytes.size(), MSG_PEEK);
  // All else than bytes is followed by an event that says so.
  if (received <= 0) return;
  switch (header_.parse({bytes.data(), static_cast<std::size_t>(received)})) {
    case ProxyHeader::Result::complete:
      return accept();
    case ProxyHeader::Result::invalid:
      return refuse(header_.problem());
    case ProxyHeader::Result::incomplete:
      return;
  }
}

void ProxyGreeting::accept() {
  std::array<char, kMaxProxyHeaderBytes> bytes;
  services_.stats.client_syscalls.add();
  const ssize_t taken = ::recv(fd_.get(), bytes.data(), header_.size(), 0);
  if (taken != static_cast<ssize_t>(header_.size())) return refuse("cannot be read");
  services_.stats.received_bytes.add(header_.size());
  if (header_.names_client()) {
    peer_.peer = header_.client().host();
    peer_.peer_port = header_.client().port();
  }
  finish();
  services_.on_over(*this, std::move(fd_), std::move(peer_));
}

void ProxyGreeting::refuse(std::string_view problem) {
  services_.stats.proxy_header_failures.add();
  services_.log.debug("{}: closed, as the PROXY header {}", peer_.peer.empty() ? "unix" : peer_.peer, problem);
  finish();
  fd_.reset();
  services_.on_over(*this, UniqueFd(), std::move(peer_));
}

/// The descriptor stays open.
void ProxyGreeting::finish() {
  timer_.disarm();
  services_.loop.unwatch(fd_.get());
  services_.loop.forget(*this);
  services_.stats.open_connections.subtract();
}

}  // namespace mayfly::http
