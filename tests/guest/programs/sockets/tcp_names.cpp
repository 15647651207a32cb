// bind, listen, getsockname, getpeername of TCP and UDP sockets: ports, addresses, both families, errors.
#include <initializer_list>

#include "sockets/inet.h"

namespace {

bool is_mapped(const sockaddr_in6& name) {
  return IN6_IS_ADDR_V4MAPPED(&name.sin6_addr);
}

void ports() {
  int a = new_socket(AF_INET, SOCK_STREAM);
  CHECK(name_of(a).sin_port == 0 && name_of(a).sin_family == AF_INET);
  CHECK(bind_to(a, v4(0)) == 0);
  sockaddr_in name = name_of(a);
  CHECK(ntohs(name.sin_port) >= 1024 && name.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
  CHECK_FAILS(bind_to(a, v4(0)), EINVAL);
  int b = new_socket(AF_INET, SOCK_STREAM);
  CHECK_FAILS(bind_to(b, name), EADDRINUSE);
  CHECK_FAILS(bind_to(b, v4(ntohs(name.sin_port), INADDR_ANY)), EADDRINUSE);
  CHECK(bind_to(b, v4(ntohs(name.sin_port), INADDR_LOOPBACK + 1)) == 0);  // another address
  int datagrams = new_socket(AF_INET, SOCK_DGRAM);
  CHECK(bind_to(datagrams, name) == 0);  // another protocol
  int unbound = new_socket(AF_INET, SOCK_STREAM);
  CHECK(listen(unbound, 1) == 0 && name_of(unbound).sin_port != 0 && name_of(unbound).sin_addr.s_addr == INADDR_ANY);
  for (int each : {a, b, datagrams, unbound}) CHECK(close(each) == 0);
  a = new_socket(AF_INET, SOCK_STREAM);
  CHECK(bind_to(a, name) == 0 && close(a) == 0);  // free again
  passed("ports");
}

void reuse() {
  int a = new_socket(AF_INET, SOCK_STREAM);
  int b = new_socket(AF_INET, SOCK_STREAM);
  CHECK(set_option(a, SOL_SOCKET, SO_REUSEADDR, 1) == 0 && bind_to(a, v4(0)) == 0);
  sockaddr_in name = name_of(a);
  CHECK_FAILS(bind_to(b, name), EADDRINUSE);
  CHECK(set_option(b, SOL_SOCKET, SO_REUSEADDR, 1) == 0 && bind_to(b, name) == 0);
  CHECK(listen(a, 1) == 0);
  CHECK_FAILS(listen(b, 1), EADDRINUSE);
  int c = new_socket(AF_INET, SOCK_STREAM);
  CHECK(set_option(c, SOL_SOCKET, SO_REUSEADDR, 1) == 0);
  CHECK_FAILS(bind_to(c, name), EADDRINUSE);  // somebody listens
  for (int each : {a, b, c}) CHECK(close(each) == 0);
  a = new_socket(AF_INET, SOCK_STREAM);
  b = new_socket(AF_INET, SOCK_STREAM);
  CHECK(set_option(a, SOL_SOCKET, SO_REUSEPORT, 1) == 0 && bind_to(a, name) == 0 && listen(a, 1) == 0);
  CHECK_FAILS(bind_to(b, name), EADDRINUSE);
  CHECK(set_option(b, SOL_SOCKET, SO_REUSEPORT, 1) == 0 && bind_to(b, name) == 0 && listen(b, 1) == 0);
  CHECK(close(a) == 0 && close(b) == 0);
  passed("SO_REUSEADDR and SO_REUSEPORT");
}

void wrong_addresses() {
  int fd = new_socket(AF_INET, SOCK_STREAM);
  CHECK_FAILS(bind_to(fd, v4(0, 0x08080808)), EADDRNOTAVAIL);
  CHECK_FAILS(bind_to(fd, v6(0)), EAFNOSUPPORT);
  sockaddr_in name = v4(0);
  auto* address = reinterpret_cast<sockaddr*>(&name);
  CHECK_FAILS(bind(fd, address, 8), EINVAL);
  CHECK_FAILS(bind(fd, address, 200), EINVAL);
  CHECK_FAILS(bind(fd, reinterpret_cast<sockaddr*>(bad_address()), sizeof name), EFAULT);
  name.sin_family = AF_UNSPEC;
  CHECK_FAILS(bind(fd, address, sizeof name), EAFNOSUPPORT);
  name.sin_addr.s_addr = INADDR_ANY;
  CHECK(bind(fd, address, sizeof name) == 0);  // as old programs do
  CHECK(close(fd) == 0);
  fd = new_socket(AF_INET6, SOCK_STREAM);
  CHECK_FAILS(bind_to(fd, v4(0)), EINVAL);  // too short
  sockaddr_storage wide{};
  std::memcpy(&wide, &name, sizeof name);
  wide.ss_family = AF_INET;
  CHECK_FAILS(bind(fd, reinterpret_cast<sockaddr*>(&wide), sizeof wide), EAFNOSUPPORT);
  in6_addr other = in6addr_loopback;
  other.s6_addr[0] = 0x20;
  CHECK_FAILS(bind_to(fd, v6(0, other)), EADDRNOTAVAIL);
  CHECK(close(fd) == 0);
  passed("wrong addresses");
}

void asked_for_names() {
  int fd = new_socket(AF_INET, SOCK_STREAM);
  CHECK(bind_to(fd, v4(0)) == 0);
  sockaddr_in name{};
  auto* address = reinterpret_cast<sockaddr*>(&name);
  socklen_t size = sizeof name;
  CHECK_FAILS(getpeername(fd, address, &size), ENOTCONN);
  CHECK_FAILS(getsockname(fd, address, bad_address<socklen_t>()), EFAULT);
  CHECK_FAILS(getsockname(fd, reinterpret_cast<sockaddr*>(bad_address()), &size), EFAULT);
  size = static_cast<socklen_t>(-1);
  CHECK_FAILS(getsockname(fd, address, &size), EINVAL);
  size = 4;
  name.sin_addr.s_addr = 0x55555555;
  CHECK(getsockname(fd, address, &size) == 0 && size == sizeof name);  // cut off, the true size told
  CHECK(name.sin_port != 0 && name.sin_addr.s_addr == 0x55555555);
  CHECK(close(fd) == 0);
  passed("asked for names");
}

/// Two sockets on one port, of IPv6 alone and of IPv4. A port that is free for the one may be another program's in the
/// other family.
uint16_t bind_both(int& six, int& four) {
  for (;;) {
    six = new_socket(AF_INET6, SOCK_STREAM);
    four = new_socket(AF_INET, SOCK_STREAM);
    CHECK(option(six, IPPROTO_IPV6, IPV6_V6ONLY) == 0 && set_option(six, IPPROTO_IPV6, IPV6_V6ONLY, 1) == 0);
    CHECK(bind_to(six, v6(0, in6addr_any)) == 0 && listen(six, 4) == 0);
    const uint16_t port = ntohs(name_of<sockaddr_in6>(six).sin6_port);
    if (bind_to(four, v4(port, INADDR_ANY)) == 0) return port;
    CHECK(errno == EADDRINUSE);
    CHECK(close(six) == 0 && close(four) == 0);
  }
}

void both_families() {
  int six = new_socket(AF_INET6, SOCK_STREAM);
  CHECK(bind_to(six, v6(0, in6addr_any)) == 0 && listen(six, 4) == 0);
  uint16_t port = ntohs(name_of<sockaddr_in6>(six).sin6_port);
  int client = new_socket(AF_INET, SOCK_STREAM);
  CHECK(connect_to(client, v4(port)) == 0);
  sockaddr_in6 peer{};
  socklen_t size = sizeof peer;
  int server = accept(six, reinterpret_cast<sockaddr*>(&peer), &size);
  CHECK(server >= 0 && size == sizeof peer && is_mapped(peer));
  CHECK(peer.sin6_port == name_of(client).sin_port);
  sockaddr_in6 own = name_of<sockaddr_in6>(server);
  CHECK(is_mapped(own) && own.sin6_addr.s6_addr[12] == 127);
  CHECK(close(client) == 0 && close(server) == 0);
  int four = new_socket(AF_INET, SOCK_STREAM);
  CHECK_FAILS(bind_to(four, v4(port, INADDR_ANY)), EADDRINUSE);
  client = new_socket(AF_INET6, SOCK_STREAM);
  CHECK(connect_to(client, v6(port)) == 0);
  server = accept(six, nullptr, nullptr);
  sockaddr_in6 loopback = name_of<sockaddr_in6>(server);
  CHECK(IN6_IS_ADDR_LOOPBACK(&loopback.sin6_addr));
  for (int each : {client, server, six, four}) CHECK(close(each) == 0);
  port = bind_both(six, four);
  CHECK_FAILS(set_option(six, IPPROTO_IPV6, IPV6_V6ONLY, 0), EINVAL);
  client = new_socket(AF_INET, SOCK_STREAM);
  CHECK_FAILS(connect_to(client, v4(port)), ECONNREFUSED);
  CHECK(bind_to(client, v4(0, INADDR_ANY)) == 0);
  for (int each : {client, six, four}) CHECK(close(each) == 0);
  in6_addr mapped{};
  mapped.s6_addr[10] = mapped.s6_addr[11] = 0xff;
  mapped.s6_addr[12] = 127;
  mapped.s6_addr[15] = 1;
  int listener = new_listener();
  six = new_socket(AF_INET6, SOCK_STREAM);
  CHECK(connect_to(six, v6(ntohs(name_of(listener).sin_port), mapped)) == 0);
  CHECK(is_mapped(name_of<sockaddr_in6>(six)));
  CHECK(close(six) == 0 && close(listener) == 0);
  six = new_socket(AF_INET6, SOCK_STREAM);
  CHECK(set_option(six, IPPROTO_IPV6, IPV6_V6ONLY, 1) == 0);
  CHECK_FAILS(bind_to(six, v6(0, mapped)), EINVAL);
  CHECK_FAILS(connect_to(six, v6(port, mapped)), ENETUNREACH);
  CHECK_FAILS(connect_to(six, v4(port)), EINVAL);
  CHECK(close(six) == 0);
  passed("IPv6 sockets and IPv4");
}

}  // namespace

int main() {
  ports();
  reuse();
  wrong_addresses();
  asked_for_names();
  both_families();
}
