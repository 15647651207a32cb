#include "http/inherited_socket.h"

#include <fcntl.h>
#include <sys/socket.h>

#include "base/error.h"
#include "http/endpoint.h"

namespace mayfly::http {
namespace {

int option_of(int descriptor, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  if (::getsockopt(descriptor, SOL_SOCKET, option, &value, &size) == 0) return value;
  if (errno == ENOTSOCK) throw Error("cannot listen on fd:{}: it is no socket", descriptor);
  throw SystemError(fmt::format("getsockopt(fd {})", descriptor), errno);
}

}  // namespace

UniqueFd take_inherited_socket(int descriptor) {
  const int flags = ::fcntl(descriptor, F_GETFD);
  if (flags < 0) {
    throw Error("cannot listen on fd:{}: no such descriptor is open; whoever starts Mayfly has to open it", descriptor);
  }
  if ((flags & FD_CLOEXEC) != 0) {
    throw Error("cannot listen on fd:{}: Mayfly was not started with it, or listens on it already", descriptor);
  }
  if (option_of(descriptor, SO_TYPE) != SOCK_STREAM) {
    throw Error("cannot listen on fd:{}: it is no stream socket; ListenStream= makes one", descriptor);
  }
  const int family = SocketAddress::of_socket(descriptor).family();
  if (family != AF_INET && family != AF_INET6 && family != AF_UNIX) {
    throw Error("cannot listen on fd:{}: it is neither a TCP nor a unix socket", descriptor);
  }
  if (option_of(descriptor, SO_ACCEPTCONN) == 0) {
    throw Error(
        "cannot listen on fd:{}: it is a socket that does not listen; Accept=no makes systemd pass one that does",
        descriptor);
  }
  check(::fcntl(descriptor, F_SETFD, FD_CLOEXEC), "fcntl(fd {}, F_SETFD)", descriptor);
  const int status = check(::fcntl(descriptor, F_GETFL), "fcntl(fd {}, F_GETFL)", descriptor);
  check(::fcntl(descriptor, F_SETFL, status | O_NONBLOCK), "fcntl(fd {}, F_SETFL)", descriptor);
  return UniqueFd(descriptor);
}

}  // namespace mayfly::http
