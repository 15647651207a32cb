// UDP within the machine.
#include <fcntl.h>
#include <sys/ioctl.h>

#include <initializer_list>
#include <string>

#include "sockets/inet.h"

namespace {

template <typename T>
ssize_t send_to(int fd, const std::string& bytes, const T& to, int flags = 0) {
  return sendto(fd, bytes.data(), bytes.size(), flags, reinterpret_cast<const sockaddr*>(&to), sizeof to);
}

int new_receiver() {
  int fd = new_socket(AF_INET, SOCK_DGRAM);
  CHECK(bind_to(fd, v4(0)) == 0);
  return fd;
}

void datagrams() {
  int receiver = new_receiver();
  int sender = new_socket(AF_INET, SOCK_DGRAM);
  CHECK(send_to(sender, "first", name_of(receiver)) == 5 && send_to(sender, "", name_of(receiver)) == 0);
  CHECK(send_to(sender, "third", name_of(receiver)) == 5);
  CHECK(name_of(sender).sin_port != 0 && name_of(sender).sin_addr.s_addr == INADDR_ANY);
  int count = 0;
  CHECK(ioctl(receiver, FIONREAD, &count) == 0 && count == 5);
  char bytes[16];
  sockaddr_in source{};
  socklen_t size = sizeof source;
  CHECK(recvfrom(receiver, bytes, 16, MSG_PEEK, reinterpret_cast<sockaddr*>(&source), &size) == 5);
  CHECK(source.sin_port == name_of(sender).sin_port && source.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
  CHECK(recv(receiver, bytes, 2, 0) == 2 && recv(receiver, bytes, 16, 0) == 0);  // the rest of the first is lost
  CHECK(recv(receiver, bytes, 2, MSG_TRUNC) == 5);
  CHECK_FAILS(recv(receiver, bytes, 2, MSG_DONTWAIT), EAGAIN);
  CHECK(close(sender) == 0 && close(receiver) == 0);
  passed("datagrams");
}

void sizes() {
  int receiver = new_receiver();
  int sender = new_socket(AF_INET, SOCK_DGRAM);
  std::string most(65507, 'm');
  CHECK(send_to(sender, most, name_of(receiver)) == 65507);
  std::string got(70'000, '\0');
  CHECK(recv(receiver, got.data(), got.size(), 0) == 65507);
  most += 'x';
  CHECK_FAILS(send_to(sender, most, name_of(receiver)), EMSGSIZE);
  CHECK(close(sender) == 0 && close(receiver) == 0);
  passed("sizes");
}

void connected() {
  int a = new_receiver();
  int b = new_receiver();
  int stranger = new_receiver();
  CHECK(connect_to(a, name_of(b)) == 0 && peer_of(a).sin_port == name_of(b).sin_port);
  CHECK(send(a, "hello", 5, 0) == 5);
  char bytes[16];
  CHECK(recv(b, bytes, 16, 0) == 5);
  CHECK(send_to(stranger, "no", name_of(a)) == 2 && send_to(b, "yes", name_of(a)) == 3);
  CHECK(recv(a, bytes, 16, 0) == 3 && std::memcmp(bytes, "yes", 3) == 0);
  CHECK_FAILS(recv(a, bytes, 16, MSG_DONTWAIT), EAGAIN);
  CHECK(send_to(a, "else", name_of(stranger)) == 4);  // an address goes before the peer
  CHECK(recv(stranger, bytes, 16, 0) == 4);
  CHECK(connect_to(a, name_of(stranger)) == 0 && peer_of(a).sin_port == name_of(stranger).sin_port);
  sockaddr_in none{};
  none.sin_family = AF_UNSPEC;
  CHECK(connect_to(a, none) == 0);
  sockaddr_in name{};
  socklen_t size = sizeof name;
  CHECK_FAILS(getpeername(a, reinterpret_cast<sockaddr*>(&name), &size), ENOTCONN);
  CHECK_FAILS(send(a, "x", 1, 0), EDESTADDRREQ);
  int unbound = new_socket(AF_INET, SOCK_DGRAM);
  CHECK(connect_to(unbound, name_of(b)) == 0);
  CHECK(name_of(unbound).sin_addr.s_addr == htonl(INADDR_LOOPBACK) && name_of(unbound).sin_port != 0);
  CHECK(connect_to(unbound, none) == 0 && name_of(unbound).sin_addr.s_addr == INADDR_ANY);
  for (int each : {a, b, stranger, unbound}) CHECK(close(each) == 0);
  passed("connected");
}

void nobody_there() {
  int fd = new_socket(AF_INET, SOCK_DGRAM);
  int other = new_receiver();
  sockaddr_in gone = name_of(other);
  CHECK(close(other) == 0);
  CHECK(send_to(fd, "x", gone) == 1 && events_of(fd, POLLIN) == 0);  // an unconnected socket does not hear of it
  CHECK(connect_to(fd, gone) == 0 && send(fd, "x", 1, 0) == 1);
  CHECK((events_of(fd, POLLIN, 1000) & POLLERR) != 0);
  char byte = 0;
  CHECK_FAILS(recv(fd, &byte, 1, 0), ECONNREFUSED);
  CHECK_FAILS(recv(fd, &byte, 1, MSG_DONTWAIT), EAGAIN);
  CHECK(send(fd, "x", 1, 0) == 1 && (events_of(fd, POLLIN, 1000) & POLLERR) != 0);
  CHECK(option(fd, SOL_SOCKET, SO_ERROR) == ECONNREFUSED && option(fd, SOL_SOCKET, SO_ERROR) == 0);
  CHECK(send(fd, "x", 1, 0) == 1 && (events_of(fd, POLLIN, 1000) & POLLERR) != 0);
  CHECK_FAILS(send(fd, "x", 1, 0), ECONNREFUSED);
  CHECK(close(fd) == 0);
  passed("nobody there");
}

void refused() {
  int fd = new_socket(AF_INET, SOCK_DGRAM);
  CHECK_FAILS(send(fd, "x", 1, 0), EDESTADDRREQ);
  CHECK_FAILS(send_to(fd, "x", v4(0)), EINVAL);
  CHECK_FAILS(send_to(fd, "x", v6(1)), EAFNOSUPPORT);
  sockaddr_in name = v4(1);
  CHECK_FAILS(sendto(fd, "x", 1, 0, reinterpret_cast<sockaddr*>(&name), 4), EINVAL);
  CHECK_FAILS(sendto(fd, "x", 1, 0, reinterpret_cast<sockaddr*>(bad_address()), sizeof name), EFAULT);
  CHECK_FAILS(send_to(fd, "x", v4(1, INADDR_BROADCAST)), EACCES);
  CHECK_FAILS(shutdown(fd, SHUT_RDWR), ENOTCONN);
  int receiver = new_receiver();
  CHECK(connect_to(receiver, name_of(receiver)) == 0);
  CHECK(send(receiver, "self", 4, 0) == 4);
  CHECK_FAILS(recv(receiver, bad_address(), 4, 0), EFAULT);
  CHECK(shutdown(receiver, SHUT_RDWR) == 0);
  char byte = 0;
  CHECK(recv(receiver, &byte, 1, 0) == 0);
  CHECK_FAILS(send(receiver, "x", 1, MSG_NOSIGNAL), EPIPE);
  CHECK(close(fd) == 0 && close(receiver) == 0);
  passed("refused");
}

void both_families() {
  int six = new_socket(AF_INET6, SOCK_DGRAM);
  CHECK(bind_to(six, v6(0, in6addr_any)) == 0);
  sockaddr_in6 own = name_of<sockaddr_in6>(six);
  int four = new_socket(AF_INET, SOCK_DGRAM);
  CHECK(send_to(four, "4", v4(ntohs(own.sin6_port))) == 1);
  char byte = 0;
  sockaddr_in6 source{};
  socklen_t size = sizeof source;
  CHECK(recvfrom(six, &byte, 1, 0, reinterpret_cast<sockaddr*>(&source), &size) == 1 && byte == '4');
  CHECK(size == sizeof source && IN6_IS_ADDR_V4MAPPED(&source.sin6_addr));
  CHECK(send_to(six, "6", source) == 1 && recv(four, &byte, 1, 0) == 1 && byte == '6');
  CHECK(send_to(six, "7", v4(ntohs(name_of(four).sin_port))) == 1 && recv(four, &byte, 1, 0) == 1);
  int another = new_socket(AF_INET6, SOCK_DGRAM);
  CHECK(send_to(another, "8", v6(ntohs(own.sin6_port))) == 1);
  CHECK(recvfrom(six, &byte, 1, 0, reinterpret_cast<sockaddr*>(&source), &size) == 1 && byte == '8');
  CHECK(IN6_IS_ADDR_LOOPBACK(&source.sin6_addr));
  for (int each : {six, four, another}) CHECK(close(each) == 0);
  passed("both families");
}

// How getaddrinfo finds out which addresses can be reached.
void own_address() {
  int fd = new_socket(AF_INET6, SOCK_DGRAM);
  CHECK(connect_to(fd, v6(0)) == 0);
  sockaddr_in6 own = name_of<sockaddr_in6>(fd);
  CHECK(IN6_IS_ADDR_LOOPBACK(&own.sin6_addr) && own.sin6_port != 0);
  sockaddr_in6 peer{};
  socklen_t size = sizeof peer;
  CHECK_FAILS(getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size), ENOTCONN);
  sockaddr_in none{};
  none.sin_family = AF_UNSPEC;
  CHECK(connect_to(fd, none) == 0 && connect_to(fd, v4(0)) == 0);
  own = name_of<sockaddr_in6>(fd);
  CHECK(IN6_IS_ADDR_V4MAPPED(&own.sin6_addr) && own.sin6_addr.s6_addr[12] == 127);
  CHECK(close(fd) == 0);
  passed("own address");
}

void groups() {
  int fd = new_socket(AF_INET, SOCK_DGRAM);
  ip_mreq group{};
  group.imr_multiaddr.s_addr = htonl(0xe0000155);  // 224.0.1.85
  group.imr_interface.s_addr = htonl(INADDR_LOOPBACK);
  auto change = [&](int name) { return setsockopt(fd, IPPROTO_IP, name, &group, sizeof group); };
  CHECK_FAILS(change(IP_DROP_MEMBERSHIP), EADDRNOTAVAIL);
  CHECK(change(IP_ADD_MEMBERSHIP) == 0);
  CHECK_FAILS(change(IP_ADD_MEMBERSHIP), EADDRINUSE);
  CHECK(change(IP_DROP_MEMBERSHIP) == 0);
  group.imr_multiaddr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK_FAILS(change(IP_ADD_MEMBERSHIP), EINVAL);
  CHECK_FAILS(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, 2), EINVAL);
  CHECK(option(fd, IPPROTO_IP, IP_MULTICAST_TTL) == 1 && option(fd, IPPROTO_IP, IP_MULTICAST_LOOP) == 1);
  CHECK(set_option(fd, IPPROTO_IP, IP_MULTICAST_TTL, 7) == 0 && option(fd, IPPROTO_IP, IP_MULTICAST_TTL) == 7);
  CHECK_FAILS(set_option(fd, IPPROTO_IP, IP_MULTICAST_TTL, 256), EINVAL);
  in_addr interface { htonl(INADDR_LOOPBACK) };
  CHECK(setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &interface, sizeof interface) == 0);
  interface = {};
  socklen_t size = sizeof interface;
  CHECK(getsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &interface, &size) == 0);
  CHECK(size == sizeof interface && interface.s_addr == htonl(INADDR_LOOPBACK));
  CHECK(close(fd) == 0);
  passed("groups");
}

void group_members() {
  int members[2];
  for (int& member : members) {
    member = new_socket(AF_INET, SOCK_DGRAM);
    CHECK(set_option(member, SOL_SOCKET, SO_REUSEADDR, 1) == 0);
  }
  CHECK(bind_to(members[0], v4(0, INADDR_ANY)) == 0);
  uint16_t port = ntohs(name_of(members[0]).sin_port);
  CHECK(bind_to(members[1], v4(port, INADDR_ANY)) == 0);
  ip_mreq group{};
  group.imr_multiaddr.s_addr = htonl(0xe0000156);
  group.imr_interface.s_addr = htonl(INADDR_LOOPBACK);
  for (int member : members) {
    CHECK(setsockopt(member, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group) == 0);
  }
  int sender = new_socket(AF_INET, SOCK_DGRAM);
  in_addr interface { htonl(INADDR_LOOPBACK) };
  CHECK(setsockopt(sender, IPPROTO_IP, IP_MULTICAST_IF, &interface, sizeof interface) == 0);
  CHECK(send_to(sender, "all", v4(port, 0xe0000156)) == 3);
  for (int member : members) {
    char bytes[8];
    CHECK(events_of(member, POLLIN, 1000) == POLLIN && recv(member, bytes, 8, 0) == 3 && close(member) == 0);
  }
  CHECK(close(sender) == 0);
  passed("every member of a group hears");
}

}  // namespace

int main() {
  datagrams();
  sizes();
  connected();
  nobody_there();
  refused();
  both_families();
  own_address();
  groups();
  group_members();
}
