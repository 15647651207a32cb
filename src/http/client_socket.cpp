#include "http/client_socket.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace mayfly::http {

namespace {

constexpr std::uint32_t kEvents = EPOLLIN | EPOLLRDHUP | EPOLLET;
constexpr std::size_t kReadBytes = 16 * 1024;

bool is_transient(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

ClientSocket::ClientSocket(loop::EventLoop& loop, const SocketCounters& counters, UniqueFd fd,
                           loop::EventHandler& handler, const TlsContext* tls)
    : loop_(loop), counters_(counters), handler_(&handler), fd_(std::move(fd)) {
  if (tls != nullptr) tls_ = tls->new_session(fd_.get());
  loop_.watch(fd_.get(), kEvents, *handler_);
}

void ClientSocket::set_handler(loop::EventHandler& handler) {
  handler_ = &handler;
  loop_.rewatch(fd_.get(), wanted_events(), *handler_);
}

std::string_view ClientSocket::agreed_protocol() const noexcept {
  return tls_ ? tls_->agreed_protocol() : std::string_view();
}

std::uint32_t ClientSocket::wanted_events() const noexcept {
  return wants_writable_ ? kEvents | EPOLLOUT : kEvents;
}

void ClientSocket::note_events(std::uint32_t events) noexcept {
  if ((events & (EPOLLIN | EPOLLRDHUP)) != 0) readable_ = true;
  // A read of TLS may be what waits for room to write.
  if (tls_ && (events & EPOLLOUT) != 0) readable_ = true;
  if ((events & EPOLLRDHUP) != 0) peer_shut_ = true;
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) broken_ = true;
}

ClientSocket::Read ClientSocket::fill() {
  if (broken_) return Read::broken;
  if (!readable_) return Read::later;
  if (tls_) return fill_by_tls();
  const std::span<std::byte> room = input_.prepare(kReadBytes);
  counters_.syscalls.add();
  const ssize_t received = ::recv(fd_.get(), room.data(), room.size(), 0);
  if (received > 0) {
    const auto bytes = static_cast<std::size_t>(received);
    input_.commit(bytes);
    counters_.received_bytes.add(bytes);
    // Less than asked for means that the socket is empty; an end that came with the bytes still has to be read.
    if (bytes < room.size() && !peer_shut_) readable_ = false;
    return Read::data;
  }
  if (received == 0) return Read::end;
  if (is_transient(errno)) {
    readable_ = errno == EINTR;
    return Read::later;
  }
  broken_ = true;
  return Read::broken;
}

/// What a record brought may be more than one read takes: the socket is done with when TLS says that it wants more.
ClientSocket::Read ClientSocket::fill_by_tls() {
  const std::span<std::byte> room = input_.prepare(kReadBytes);
  std::size_t bytes = 0;
  counters_.syscalls.add();
  switch (tls_->read(room, bytes)) {
    case TlsSession::Result::done:
      input_.commit(bytes);
      counters_.received_bytes.add(bytes);
      return Read::data;
    case TlsSession::Result::wants_read:
      readable_ = false;
      return Read::later;
    case TlsSession::Result::wants_write:
      readable_ = false;
      want_writable(true);
      return Read::later;
    case TlsSession::Result::ended:
      return Read::end;
    case TlsSession::Result::broken:
      break;
  }
  broken_ = true;
  return Read::broken;
}

ssize_t ClientSocket::send_some() {
  if (tls_) return send_by_tls();
  return ::send(fd_.get(), output_.readable().data(), output_.size(), MSG_NOSIGNAL);
}

ssize_t ClientSocket::send_by_tls() {
  std::size_t bytes = 0;
  switch (tls_->write(output_.readable(), bytes)) {
    case TlsSession::Result::done:
      return static_cast<ssize_t>(bytes);
    case TlsSession::Result::wants_read:
    case TlsSession::Result::wants_write:
      errno = EAGAIN;
      return -1;
    case TlsSession::Result::ended:
    case TlsSession::Result::broken:
      break;
  }
  errno = EPIPE;
  return -1;
}

bool ClientSocket::flush() {
  bool sent_any = false;
  while (!output_.empty() && !broken_) {
    counters_.syscalls.add();
    const ssize_t sent = send_some();
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (is_transient(errno)) break;
      broken_ = true;
      break;
    }
    const auto bytes = static_cast<std::size_t>(sent);
    counters_.sent_bytes.add(bytes);
    sent_bytes_ += bytes;
    output_.consume(bytes);
    sent_any = true;
  }
  if (!broken_) want_writable(!output_.empty());
  return sent_any;
}

void ClientSocket::want_writable(bool wanted) {
  if (wants_writable_ == wanted) return;
  wants_writable_ = wanted;
  if (wanted) counters_.waits.add();
  // Asked for only while needed: a unix socket would otherwise report each time that its peer reads.
  loop_.rewatch(fd_.get(), wanted_events(), *handler_);
}

void ClientSocket::close() noexcept {
  if (tls_ && !broken_) tls_->shut_sending();
  tls_.reset();
  fd_.reset();
}

void ClientSocket::shut_sending() noexcept {
  if (tls_) tls_->shut_sending();
  counters_.syscalls.add();
  if (::shutdown(fd_.get(), SHUT_WR) < 0) broken_ = true;
}

void ClientSocket::abort() noexcept {
  const linger no_wait{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &no_wait, sizeof no_wait);
  tls_.reset();
  fd_.reset();
}

}  // namespace mayfly::http
