#include "machine/stream_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>

#include <utility>

namespace mayfly::machine {
namespace {

constexpr std::uint32_t kIncoming = EPOLLIN | EPOLLRDHUP | EPOLLET;

msghdr message_of(const RingPieces& bytes) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(bytes.pieces.data());
  message.msg_iovlen = static_cast<std::size_t>(bytes.count);
  return message;
}

}  // namespace

StreamSocket::~StreamSocket() {
  close();
}

void StreamSocket::on_events(std::uint32_t events) {
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) hung_up_ = true;
  if ((events & EPOLLIN) != 0 || hung_up_) readable_ = true;
  if ((events & EPOLLOUT) != 0 || hung_up_) writable_ = true;
  if (on_event_) on_event_();
}

void StreamSocket::watch(std::uint32_t events) {
  if ((watched_ & events) == events) return;
  if (watched_ == 0) {
    scope_.loop().watch(fd_.get(), events, *this);
  } else {
    scope_.loop().rewatch(fd_.get(), watched_ | events, *this);
  }
  watched_ |= events;
}

void StreamSocket::adopt(UniqueFd fd) {
  fd_ = std::move(fd);
  writable_ = true;
  watch(kIncoming);
}

int StreamSocket::connect(const net::SocketAddress& address) {
  if (!fd_) {
    scope_.count_syscalls();
    fd_.reset(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd_) return errno;
    if (address.family() != AF_UNIX) {
      // The program decides what goes together: it has Nagle's algorithm, or not, on its side.
      const int on = 1;
      scope_.count_syscalls();
      ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
  }
  scope_.count_syscalls();
  if (::connect(fd_.get(), address.get(), address.size) < 0) {
    const int error = errno;
    if (error == EINPROGRESS) watch(kIncoming | EPOLLOUT);
    return error;
  }
  writable_ = true;
  watch(kIncoming);
  return 0;
}

int StreamSocket::finish_connect() {
  if (!writable_) return EINPROGRESS;
  int error = 0;
  socklen_t size = sizeof error;
  scope_.count_syscalls();
  ::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

net::Address StreamSocket::local_address() {
  net::SocketAddress local;
  local.size = sizeof local.storage;
  scope_.count_syscalls();
  if (::getsockname(fd_.get(), local.get(), &local.size) < 0) return {};
  return from_socket_address(local);
}

StreamSocket::Moved StreamSocket::send(const RingPieces& bytes) {
  const msghdr message = message_of(bytes);
  scope_.count_syscalls();
  const ssize_t sent = ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0) return {.bytes = static_cast<std::size_t>(sent)};
  if (errno != EAGAIN) return {.error = errno};
  writable_ = false;
  watch(kIncoming | EPOLLOUT);
  return {};
}

StreamSocket::Moved StreamSocket::receive(const RingPieces& room) {
  msghdr message = message_of(room);
  scope_.count_syscalls();
  const ssize_t received = ::recvmsg(fd_.get(), &message, MSG_DONTWAIT);
  if (received < 0 && errno != EAGAIN) return {.error = errno};
  // Less than there was room for is all there was (epoll(7)), unless there is an end to be seen behind it.
  const auto bytes = static_cast<std::size_t>(received > 0 ? received : 0);
  if (bytes < room.bytes && !hung_up_) readable_ = false;
  if (received < 0) readable_ = false;
  return {.bytes = bytes, .error = 0, .end = received == 0};
}

void StreamSocket::shut_sending() {
  scope_.count_syscalls();
  ::shutdown(fd_.get(), SHUT_WR);
}

void StreamSocket::close() {
  if (!fd_) return;
  scope_.count_syscalls();
  fd_.reset();
  scope_.loop().forget(*this);
  watched_ = 0;
  readable_ = writable_ = false;
}

void StreamSocket::reset() {
  if (!fd_) return;
  const linger no_wait{.l_onoff = 1, .l_linger = 0};
  scope_.count_syscalls();
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &no_wait, sizeof no_wait);
  close();
}

}  // namespace mayfly::machine
