#include "machine/datagram_socket.h"

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <sys/epoll.h>

#include <cerrno>
#include <cstring>

namespace mayfly::machine {
namespace {

constexpr std::uint32_t kIncoming = EPOLLIN | EPOLLET;

/// @return the errno that a message of the error queue is about
int error_of(const msghdr& message) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(const_cast<msghdr*>(&message), part)) {
    const bool is_error = (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_RECVERR) ||
                          (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_RECVERR);
    if (!is_error) continue;
    sock_extended_err error;
    std::memcpy(&error, CMSG_DATA(part), sizeof error);
    return static_cast<int>(error.ee_errno);
  }
  return 0;
}

}  // namespace

DatagramSocket::~DatagramSocket() {
  if (!fd_) return;
  scope_.count_syscalls();
  fd_.reset();
  scope_.loop().forget(*this);
}

void DatagramSocket::on_events(std::uint32_t events) {
  if ((events & EPOLLIN) != 0) readable_ = true;
  if ((events & EPOLLERR) != 0) failed_ = true;
  if ((events & EPOLLOUT) != 0) writable_ = true;
  on_event_();
}

int DatagramSocket::open(int family) {
  scope_.count_syscalls(2);
  fd_.reset(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd_) return errno;
  const int on = 1;
  if (family == AF_INET) {
    ::setsockopt(fd_.get(), IPPROTO_IP, IP_RECVERR, &on, sizeof on);
  } else {
    scope_.count_syscalls();
    ::setsockopt(fd_.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    ::setsockopt(fd_.get(), IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
  }
  scope_.loop().watch(fd_.get(), kIncoming, *this);
  return 0;
}

net::Address DatagramSocket::local_address() {
  net::SocketAddress local;
  local.size = sizeof local.storage;
  scope_.count_syscalls();
  if (::getsockname(fd_.get(), local.get(), &local.size) < 0) return {};
  return from_socket_address(local);
}

int DatagramSocket::send(const net::Address& to, const RingPieces& payload) {
  net::SocketAddress address = net::to_sockaddr(to);
  msghdr message{};
  message.msg_name = address.get();
  message.msg_namelen = address.size;
  message.msg_iov = const_cast<iovec*>(payload.pieces.data());
  message.msg_iovlen = static_cast<std::size_t>(payload.count);
  // Twice, as the first call may tell of an earlier datagram's error, which the error queue has as well.
  int error = 0;
  for (int attempt = 0; attempt < 2; ++attempt) {
    scope_.count_syscalls();
    if (::sendmsg(fd_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) return 0;
    error = errno;
    if (error == EAGAIN) {
      writable_ = false;
      if (!std::exchange(watches_room_, true)) scope_.loop().rewatch(fd_.get(), kIncoming | EPOLLOUT, *this);
      return error;
    }
    failed_ = true;
  }
  return error;
}

DatagramSocket::Received DatagramSocket::receive(std::span<std::byte> buffer) {
  if (failed_) {
    const Received error = receive_error();
    if (error.result != Result::later) return error;
    failed_ = false;
  }
  while (readable_) {
    net::SocketAddress from;
    iovec piece{buffer.data(), buffer.size()};
    msghdr message{};
    message.msg_name = from.get();
    message.msg_namelen = sizeof from.storage;
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    scope_.count_syscalls();
    const ssize_t received = ::recvmsg(fd_.get(), &message, MSG_DONTWAIT);
    from.size = message.msg_namelen;
    if (received >= 0) {
      return {.result = Result::done, .bytes = static_cast<std::size_t>(received), .from = from_socket_address(from)};
    }
    if (errno == EAGAIN) readable_ = false;
    // Any other error is in the error queue too.
    if (errno != EAGAIN) return receive_error();
  }
  return {};
}

DatagramSocket::Received DatagramSocket::receive_error() {
  for (;;) {
    net::SocketAddress to;
    alignas(cmsghdr) std::byte control[512];
    msghdr message{};
    message.msg_name = to.get();
    message.msg_namelen = sizeof to.storage;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    scope_.count_syscalls();
    if (::recvmsg(fd_.get(), &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return {};
    to.size = message.msg_namelen;
    const int error = error_of(message);
    if (error != 0) return {.result = Result::failed, .from = from_socket_address(to), .error = error};
  }
}

}  // namespace mayfly::machine
