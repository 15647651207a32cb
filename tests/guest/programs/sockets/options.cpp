// setsockopt and getsockopt: what is kept, converted, bounded or refused.
#include <netinet/tcp.h>
#include <sys/un.h>

#include <initializer_list>

#include "sockets/inet.h"

namespace {

struct Switch {
  int level, name;
};

void switches() {
  constexpr Switch kOfTcp[] = {{SOL_SOCKET, SO_REUSEADDR},  {SOL_SOCKET, SO_REUSEPORT}, {SOL_SOCKET, SO_KEEPALIVE},
                               {SOL_SOCKET, SO_BROADCAST},  {SOL_SOCKET, SO_OOBINLINE}, {SOL_SOCKET, SO_DONTROUTE},
                               {SOL_SOCKET, SO_TIMESTAMP},  {IPPROTO_TCP, TCP_NODELAY}, {IPPROTO_TCP, TCP_CORK},
                               {SOL_SOCKET, SO_TIMESTAMPNS}};
  int fd = new_socket(AF_INET, SOCK_STREAM);
  for (const Switch& each : kOfTcp) {
    CHECK(option(fd, each.level, each.name) == 0);
    CHECK(set_option(fd, each.level, each.name, 5) == 0 && option(fd, each.level, each.name) == 1);
    CHECK(set_option(fd, each.level, each.name, 0) == 0 && option(fd, each.level, each.name) == 0);
  }
  CHECK(close(fd) == 0);
  passed("switches");
}

void buffers() {
  int fd = new_socket(AF_INET, SOCK_DGRAM);
  std::printf("UDP: %d sent, %d received\n", option(fd, SOL_SOCKET, SO_SNDBUF), option(fd, SOL_SOCKET, SO_RCVBUF));
  CHECK(set_option(fd, SOL_SOCKET, SO_SNDBUF, 10'000) == 0 && option(fd, SOL_SOCKET, SO_SNDBUF) == 20'000);
  CHECK(set_option(fd, SOL_SOCKET, SO_RCVBUF, 10'000) == 0 && option(fd, SOL_SOCKET, SO_RCVBUF) == 20'000);
  CHECK(set_option(fd, SOL_SOCKET, SO_SNDBUF, 1) == 0 && set_option(fd, SOL_SOCKET, SO_RCVBUF, 1) == 0);
  std::printf("least: %d sent, %d received\n", option(fd, SOL_SOCKET, SO_SNDBUF), option(fd, SOL_SOCKET, SO_RCVBUF));
  CHECK(set_option(fd, SOL_SOCKET, SO_SNDBUF, 1 << 30) == 0 && option(fd, SOL_SOCKET, SO_SNDBUF) >= 425'984);
  CHECK(set_option(fd, SOL_SOCKET, SO_RCVLOWAT, 10) == 0 && option(fd, SOL_SOCKET, SO_RCVLOWAT) == 10);
  CHECK_FAILS(set_option(fd, SOL_SOCKET, SO_SNDLOWAT, 10), ENOPROTOOPT);
  CHECK(option(fd, SOL_SOCKET, SO_SNDLOWAT) == 1);
  CHECK(option(fd, SOL_SOCKET, SO_INCOMING_NAPI_ID) == 0);
  CHECK(close(fd) == 0);
  fd = new_socket(AF_UNIX, SOCK_STREAM);
  std::printf("unix: %d sent, %d received\n", option(fd, SOL_SOCKET, SO_SNDBUF), option(fd, SOL_SOCKET, SO_RCVBUF));
  CHECK(close(fd) == 0);
  passed("buffers");
}

void times_and_linger() {
  int fd = new_socket(AF_INET, SOCK_STREAM);
  timeval time{3, 500'000};
  socklen_t size = sizeof time;
  CHECK(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time) == 0);
  time = {};
  CHECK(getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, &size) == 0 && size == sizeof time);
  CHECK(time.tv_sec == 3 && time.tv_usec == 500'000);
  CHECK(getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, &size) == 0 && time.tv_sec == 0 && time.tv_usec == 0);
  time = {0, 1'000'000};
  CHECK_FAILS(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time), EDOM);
  CHECK_FAILS(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, 4), EINVAL);
  linger wait{7, 9};
  CHECK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &wait, sizeof wait) == 0);
  wait = {};
  size = sizeof wait;
  CHECK(getsockopt(fd, SOL_SOCKET, SO_LINGER, &wait, &size) == 0 && wait.l_onoff == 1 && wait.l_linger == 9);
  CHECK_FAILS(setsockopt(fd, SOL_SOCKET, SO_LINGER, &wait, 4), EINVAL);
  CHECK(close(fd) == 0);
  passed("times and linger");
}

void tcp_numbers() {
  int fd = new_socket(AF_INET, SOCK_STREAM);
  struct Number {
    int name, least, most;
  };
  constexpr Number kNumbers[] = {
      {TCP_KEEPIDLE, 1, 32767}, {TCP_KEEPINTVL, 1, 32767}, {TCP_KEEPCNT, 1, 127}, {TCP_SYNCNT, 1, 127}};
  for (const Number& each : kNumbers) {
    std::printf("TCP %d: %d\n", each.name, option(fd, IPPROTO_TCP, each.name));
    for (int value : {each.least, each.most}) {
      CHECK(set_option(fd, IPPROTO_TCP, each.name, value) == 0 && option(fd, IPPROTO_TCP, each.name) == value);
    }
    CHECK_FAILS(set_option(fd, IPPROTO_TCP, each.name, each.least - 1), EINVAL);
    CHECK_FAILS(set_option(fd, IPPROTO_TCP, each.name, each.most + 1), EINVAL);
  }
  CHECK(set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 1234) == 0 && option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT) == 1234);
  CHECK_FAILS(set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, -1), EINVAL);
  CHECK(option(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT) == 0 && option(fd, IPPROTO_TCP, TCP_LINGER2) == 60);
  CHECK_FAILS(set_option(fd, IPPROTO_TCP, TCP_MAXSEG, 1), EINVAL);
  CHECK_FAILS(set_option(fd, IPPROTO_TCP, 999, 1), ENOPROTOOPT);
  int value = 1;
  CHECK_FAILS(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, 2), EINVAL);
  CHECK_FAILS(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "nonsense", 8), ENOENT);
  CHECK_FAILS(setsockopt(fd, IPPROTO_TCP, TCP_ULP, "nonsense", 8), ENOENT);
  CHECK(close(fd) == 0);
  passed("numbers of TCP");
}

void information() {
  Connection tcp = new_connection();
  int listener = new_listener();
  int fresh = new_socket(AF_INET, SOCK_STREAM);
  for (int fd : {tcp.client, listener, fresh}) {
    tcp_info info{};
    socklen_t size = sizeof info;
    CHECK(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 && size > 100);
    std::printf("state %d\n", info.tcpi_state);
  }
  CHECK(option(tcp.client, IPPROTO_TCP, TCP_MAXSEG) > 500);
  tcp.close_both();
  CHECK(close(listener) == 0 && close(fresh) == 0);
  passed("information");
}

void ip_numbers() {
  int fd = new_socket(AF_INET, SOCK_STREAM);
  CHECK(option(fd, IPPROTO_IP, IP_TTL) == 64 && option(fd, IPPROTO_IP, IP_TOS) == 0);
  CHECK(set_option(fd, IPPROTO_IP, IP_TTL, 9) == 0 && option(fd, IPPROTO_IP, IP_TTL) == 9);
  CHECK(set_option(fd, IPPROTO_IP, IP_TTL, -1) == 0 && option(fd, IPPROTO_IP, IP_TTL) == 64);
  CHECK_FAILS(set_option(fd, IPPROTO_IP, IP_TTL, 0), EINVAL);
  CHECK_FAILS(set_option(fd, IPPROTO_IP, IP_TTL, 256), EINVAL);
  CHECK(set_option(fd, IPPROTO_IP, IP_TOS, 0x10) == 0 && option(fd, IPPROTO_IP, IP_TOS) == 0x10);
  unsigned char byte = 0x20;
  CHECK(setsockopt(fd, IPPROTO_IP, IP_TOS, &byte, 1) == 0 && option(fd, IPPROTO_IP, IP_TOS) == 0x20);
  socklen_t size = 1;
  CHECK(getsockopt(fd, IPPROTO_IP, IP_TOS, &byte, &size) == 0 && size == 1 && byte == 0x20);
  CHECK_FAILS(set_option(fd, IPPROTO_IP, 999, 1), ENOPROTOOPT);
  CHECK_FAILS(set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1), ENOPROTOOPT);
  CHECK(close(fd) == 0);
  fd = new_socket(AF_INET6, SOCK_DGRAM);
  CHECK(option(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS) == 64);
  CHECK(set_option(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 3) == 0 && option(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS) == 3);
  CHECK_FAILS(set_option(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 256), EINVAL);
  CHECK(set_option(fd, IPPROTO_IPV6, IPV6_TCLASS, 0x20) == 0 && option(fd, IPPROTO_IPV6, IPV6_TCLASS) == 0x20);
  CHECK_FAILS(set_option(fd, IPPROTO_IPV6, IPV6_TCLASS, 256), EINVAL);
  CHECK_FAILS(set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1), ENOPROTOOPT);
  CHECK(close(fd) == 0);
  passed("numbers of IP");
}

void credentials() {
  int pair[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  ucred who{};
  socklen_t size = sizeof who;
  CHECK(getsockopt(pair[0], SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && size == sizeof who);
  CHECK(who.pid == getpid() && who.uid == getuid() && who.gid == getgid());
  CHECK(close(pair[0]) == 0 && close(pair[1]) == 0);
  int fd = new_socket(AF_UNIX, SOCK_STREAM);
  CHECK(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && who.pid == 0 && who.uid == static_cast<uid_t>(-1));
  CHECK(option(fd, SOL_SOCKET, SO_PASSCRED) == 0 && set_option(fd, SOL_SOCKET, SO_PASSCRED, 1) == 0);
  CHECK(option(fd, SOL_SOCKET, SO_PASSCRED) == 1);
  CHECK_FAILS(set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1), EOPNOTSUPP);
  int value = 0;
  size = sizeof value;
  CHECK_FAILS(getsockopt(fd, IPPROTO_IP, IP_TTL, &value, &size), EOPNOTSUPP);
  CHECK(close(fd) == 0);
  passed("credentials");
}

void wrong_use() {
  int fd = new_socket(AF_INET, SOCK_STREAM);
  int value = 1;
  socklen_t size = sizeof value;
  CHECK_FAILS(setsockopt(fd, SOL_SOCKET, 9999, &value, sizeof value), ENOPROTOOPT);
  CHECK_FAILS(getsockopt(fd, SOL_SOCKET, 9999, &value, &size), ENOPROTOOPT);
  CHECK_FAILS(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, 2), EINVAL);
  CHECK_FAILS(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, bad_address(), sizeof value), EFAULT);
  CHECK_FAILS(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, static_cast<socklen_t>(-1)), EINVAL);
  for (int name : {SO_TYPE, SO_DOMAIN, SO_PROTOCOL, SO_ERROR, SO_ACCEPTCONN}) {
    CHECK_FAILS(setsockopt(fd, SOL_SOCKET, name, &value, sizeof value), ENOPROTOOPT);
  }
  CHECK_FAILS(getsockopt(fd, SOL_SOCKET, SO_TYPE, bad_address(), &size), EFAULT);
  CHECK_FAILS(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, bad_address<socklen_t>()), EFAULT);
  size = static_cast<socklen_t>(-1);
  CHECK_FAILS(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &size), EINVAL);
  size = 100;
  char wide[100];
  CHECK(getsockopt(fd, SOL_SOCKET, SO_TYPE, wide, &size) == 0 && size == 4);
  size = 1;
  CHECK(getsockopt(fd, SOL_SOCKET, SO_TYPE, wide, &size) == 0 && size == 1 && wide[0] == SOCK_STREAM);
  CHECK_FAILS(setsockopt(fd, 777, 1, &value, sizeof value), ENOPROTOOPT);
  CHECK(close(fd) == 0);
  passed("wrong use");
}

void inherited() {
  int listener = new_listener();
  CHECK(set_option(listener, IPPROTO_TCP, TCP_NODELAY, 1) == 0 &&
        set_option(listener, SOL_SOCKET, SO_KEEPALIVE, 1) == 0);
  CHECK(set_option(listener, IPPROTO_TCP, TCP_KEEPIDLE, 33) == 0);
  int client = new_socket(AF_INET, SOCK_STREAM);
  CHECK(connect_to(client, name_of(listener)) == 0);
  int server = accept(listener, nullptr, nullptr);
  CHECK(option(server, IPPROTO_TCP, TCP_NODELAY) == 1 && option(server, SOL_SOCKET, SO_KEEPALIVE) == 1);
  CHECK(option(server, IPPROTO_TCP, TCP_KEEPIDLE) == 33 && option(client, IPPROTO_TCP, TCP_NODELAY) == 0);
  for (int each : {listener, client, server}) CHECK(close(each) == 0);
  passed("accepted sockets have what the listener had");
}

}  // namespace

int main() {
  switches();
  buffers();
  times_and_linger();
  tcp_numbers();
  information();
  ip_numbers();
  credentials();
  wrong_use();
  inherited();
}
