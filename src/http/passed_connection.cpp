#include "http/passed_connection.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace mayfly::http {
namespace {

constexpr char kClear = 'c', kTls = 't';

/// Room for the ancillary data with one descriptor.
struct Control {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> bytes{};
};

msghdr message_of(iovec& data, Control& control) {
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  return message;
}

bool is_transient(int error) {
  // ETOOMANYREFS: more descriptors are on their way than this user may have open (unix(7)).
  return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS || error == ENOMEM || error == ETOOMANYREFS;
}

}  // namespace

ConnectionChannel ConnectionChannel::make() {
  std::array<int, 2> ends{};
  check(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), "socketpair()");
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

PassResult pass_connection(int channel, int connection, bool tls) noexcept {
  char kind = tls ? kTls : kClear;
  iovec data{&kind, 1};
  Control control;
  const msghdr message = message_of(data, control);
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof connection);
  std::memcpy(CMSG_DATA(header), &connection, sizeof connection);
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(channel, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (sent < 0 && errno == EINTR);
  if (sent >= 0) return PassResult::passed;
  return is_transient(errno) ? PassResult::full : PassResult::gone;
}

std::optional<PassedConnection> receive_connection(int channel) noexcept {
  char kind = 0;
  iovec data{&kind, 1};
  Control control;
  msghdr message = message_of(data, control);
  ssize_t received = 0;
  do {
    received = ::recvmsg(channel, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  } while (received < 0 && errno == EINTR);
  if (received < 0) return std::nullopt;
  if (received == 0) {
    errno = EPIPE;
    return std::nullopt;
  }
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS ||
      header->cmsg_len != CMSG_LEN(sizeof(int))) {
    errno = EMFILE;  // the kernel leaves out what there is no room for (MSG_CTRUNC)
    return std::nullopt;
  }
  int descriptor = -1;
  std::memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
  return PassedConnection{UniqueFd(descriptor), kind == kTls};
}

}  // namespace mayfly::http
