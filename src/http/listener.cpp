#include "http/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <utility>

#include "base/error.h"
#include "http/inherited_socket.h"

namespace mayfly::http {

namespace {

/// Connections the kernel keeps for a worker that has no time to accept; the kernel cuts it to net.core.somaxconn.
constexpr int kBacklog = 4096;

UniqueFd make_socket(int family) {
  return UniqueFd(check(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket(family {})", family));
}

void set_option(int fd, int level, int option, int value) {
  check(::setsockopt(fd, level, option, &value, sizeof value), "setsockopt({}, {}, {})", level, option, value);
}

[[noreturn]] void throw_bind_error(const Endpoint& endpoint, int error) {
  switch (error) {
    case EADDRINUSE:
      if (endpoint.is_unix) {
        throw Error("cannot listen on {}: another program listens there; `ss -xlp src {}` tells which", endpoint.text,
                    endpoint.path);
      }
      throw Error("cannot listen on {}: the address is in use; `ss -tlnp sport = :{}` tells by which program",
                  endpoint.text, endpoint.port);
    case EACCES:
      throw Error("cannot listen on {}: permission denied{}", endpoint.text,
                  endpoint.is_unix ? "" : "; ports below 1024 need CAP_NET_BIND_SERVICE");
    case EADDRNOTAVAIL:
      throw Error("cannot listen on {}: this host does not have that address; `ip address` shows those it has",
                  endpoint.text);
    default:
      throw SystemError(fmt::format("bind({})", endpoint.text), error);
  }
}

void bind_to(const UniqueFd& socket, const SocketAddress& address, const Endpoint& endpoint) {
  if (::bind(socket.get(), address.get(), address.size) < 0) throw_bind_error(endpoint, errno);
}

/// Sockets with SO_REUSEPORT also share a port with those of another Mayfly; one without it finds out.
void check_port_is_free(const SocketAddress& address, const Endpoint& endpoint) {
  const UniqueFd probe = make_socket(address.family());
  set_option(probe.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  bind_to(probe, address, endpoint);
}

/// A socket file whose program is gone stays behind and would be in the way.
void remove_stale_socket(const SocketAddress& address, const Endpoint& endpoint) {
  struct stat status {};
  if (::lstat(endpoint.path.c_str(), &status) < 0) return;
  if (!S_ISSOCK(status.st_mode)) {
    throw Error("cannot listen on {}: there is already a file of that name which is no socket", endpoint.text);
  }
  const UniqueFd probe = make_socket(AF_UNIX);
  if (::connect(probe.get(), address.get(), address.size) == 0 || errno != ECONNREFUSED) {
    throw_bind_error(endpoint, EADDRINUSE);
  }
  check(::unlink(endpoint.path.c_str()), "unlink({})", endpoint.path);
}

/// As endpoints are written.
std::string address_of(const SocketAddress& address) {
  if (address.family() != AF_UNIX) {
    const std::string host = address.family() == AF_INET6 ? fmt::format("[{}]", address.host()) : address.host();
    return fmt::format("{}:{}", host, address.port());
  }
  const auto* un = reinterpret_cast<const sockaddr_un*>(&address.storage);
  const std::size_t begin = offsetof(sockaddr_un, sun_path);
  std::string path(un->sun_path, address.size > begin ? address.size - begin : 0);
  if (path.starts_with('\0')) return "unix:@" + path.substr(1);  // of the abstract namespace, unix(7)
  return "unix:" + path.substr(0, path.find('\0'));
}

}  // namespace

Listener::Listener(const Endpoint& endpoint, std::size_t workers, std::vector<UniqueFd> inherited)
    : workers_(workers), name_(endpoint.text), path_(endpoint.path), tls_(endpoint.tls) {
  if (!inherited.empty()) {
    adopt(std::move(inherited));
  } else if (endpoint.descriptor) {
    inherited.push_back(take_inherited_socket(*endpoint.descriptor));
    adopt(std::move(inherited));
  } else if (endpoint.is_unix) {
    open_unix(endpoint);
  } else {
    open_tcp(endpoint);
  }
}

Listener::Listener(Listener&& other) noexcept
    : workers_(other.workers_),
      taken_(other.taken_),
      sockets_(std::move(other.sockets_)),
      name_(std::move(other.name_)),
      address_(std::move(other.address_)),
      path_(std::move(other.path_)),
      path_to_remove_(std::exchange(other.path_to_remove_, {})),
      tls_(other.tls_) {}

Listener::~Listener() {
  if (!path_to_remove_.empty()) ::unlink(path_to_remove_.c_str());
}

/// Deals the sockets out; where there are fewer than workers, some share one.
std::vector<ListeningSocket> Listener::take() {
  if (taken_ == workers_) throw Error("{} was opened for fewer workers than there are", address_);
  std::vector<ListeningSocket> share;
  for (std::size_t i = taken_ % sockets_.size(); i < sockets_.size(); i += workers_) {
    const int socket = sockets_[i].get();
    share.push_back({UniqueFd(check(::fcntl(socket, F_DUPFD_CLOEXEC, 0), "dup(fd {})", socket)), tls_});
  }
  ++taken_;
  return share;
}

std::vector<int> Listener::descriptors() const {
  std::vector<int> descriptors;
  for (const UniqueFd& socket : sockets_) descriptors.push_back(socket.get());
  return descriptors;
}

void Listener::adopt(std::vector<UniqueFd> inherited) {
  sockets_ = std::move(inherited);
  address_ = address_of(SocketAddress::of_socket(sockets_.front().get()));
}

void Listener::open_tcp(const Endpoint& endpoint) {
  SocketAddress address = SocketAddress::resolve(endpoint);
  if (address.port() != 0) check_port_is_free(address, endpoint);
  for (std::size_t i = 0; i < workers_; ++i) {
    UniqueFd socket = make_socket(address.family());
    set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    set_option(socket.get(), SOL_SOCKET, SO_REUSEPORT, 1);
    if (address.family() == AF_INET6) set_option(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
    bind_to(socket, address, endpoint);
    address = SocketAddress::of_socket(socket.get());
    check(::listen(socket.get(), kBacklog), "listen({})", endpoint.text);
    sockets_.push_back(std::move(socket));
  }
  address_ = address_of(address);
}

void Listener::open_unix(const Endpoint& endpoint) {
  const SocketAddress address = SocketAddress::resolve(endpoint);
  remove_stale_socket(address, endpoint);
  UniqueFd socket = make_socket(AF_UNIX);
  bind_to(socket, address, endpoint);
  path_to_remove_ = endpoint.path;
  check(::listen(socket.get(), kBacklog), "listen({})", endpoint.text);
  sockets_.push_back(std::move(socket));
  address_ = "unix:" + endpoint.path;
}

}  // namespace mayfly::http
