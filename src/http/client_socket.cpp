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
                           loop::EventHandler& handler)
    : loop_(loop), counters_(counters), handler_(handler), fd_(std::move(fd)) {
  loop_.watch(fd_.get(), kEvents, handler_);
}

void ClientSocket::note_events(std::uint32_t events) noexcept {
  if ((events & (EPOLLIN | EPOLLRDHUP)) != 0) readable_ = true;
  if ((events & EPOLLRDHUP) != 0) peer_shut_ = true;
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) broken_ = true;
}

ClientSocket::Read ClientSocket::fill() {
  if (broken_) return Read::broken;
  if (!readable_) return Read::later;
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

bool ClientSocket::flush() {
  bool sent_any = false;
  while (!output_.empty() && !broken_) {
    counters_.syscalls.add();
    const ssize_t sent = ::send(fd_.get(), output_.readable().data(), output_.size(), MSG_NOSIGNAL);
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
  loop_.rewatch(fd_.get(), wanted ? kEvents | EPOLLOUT : kEvents, handler_);
}

void ClientSocket::shut_sending() noexcept {
  counters_.syscalls.add();
  if (::shutdown(fd_.get(), SHUT_WR) < 0) broken_ = true;
}

void ClientSocket::abort() noexcept {
  const linger no_wait{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &no_wait, sizeof no_wait);
  fd_.reset();
}

}  // namespace mayfly::http
