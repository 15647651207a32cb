// Addresses and sockets of the programs of this folder.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

inline sockaddr_in v4(uint16_t port, uint32_t address = INADDR_LOOPBACK) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(port);
  result.sin_addr.s_addr = htonl(address);
  return result;
}

inline sockaddr_in6 v6(uint16_t port, const in6_addr& address = in6addr_loopback) {
  sockaddr_in6 result{};
  result.sin6_family = AF_INET6;
  result.sin6_port = htons(port);
  result.sin6_addr = address;
  return result;
}

template <typename T>
int bind_to(int fd, const T& address) {
  return bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

template <typename T>
int connect_to(int fd, const T& address) {
  return connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

/// The address that a socket has got.
template <typename T = sockaddr_in>
T name_of(int fd) {
  T address{};
  socklen_t size = sizeof address;
  CHECK(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0 && size == sizeof address);
  return address;
}

template <typename T = sockaddr_in>
T peer_of(int fd) {
  T address{};
  socklen_t size = sizeof address;
  CHECK(getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0 && size == sizeof address);
  return address;
}

inline int new_socket(int family, int type, int protocol = 0) {
  int fd = socket(family, type, protocol);
  CHECK(fd >= 0);
  return fd;
}

/// A TCP socket that listens at a free port of 127.0.0.1.
inline int new_listener(int backlog = 16) {
  int fd = new_socket(AF_INET, SOCK_STREAM);
  CHECK(bind_to(fd, v4(0)) == 0 && listen(fd, backlog) == 0);
  return fd;
}

/// A port of 127.0.0.1 that nobody listens at.
inline uint16_t unused_port() {
  int fd = new_socket(AF_INET, SOCK_STREAM);
  CHECK(bind_to(fd, v4(0)) == 0);
  uint16_t port = ntohs(name_of(fd).sin_port);
  CHECK(close(fd) == 0);
  return port;
}

struct Connection {
  int client;
  int server;
  void close_both() const { CHECK(close(client) == 0 && close(server) == 0); }
};

/// Two connected TCP sockets.
inline Connection new_connection() {
  int listener = new_listener();
  Connection result{new_socket(AF_INET, SOCK_STREAM), -1};
  CHECK(connect_to(result.client, name_of(listener)) == 0);
  result.server = accept(listener, nullptr, nullptr);
  CHECK(result.server >= 0 && close(listener) == 0);
  return result;
}

inline int option(int fd, int level, int name) {
  int value = -77;
  socklen_t size = sizeof value;
  CHECK(getsockopt(fd, level, name, &value, &size) == 0 && size == sizeof value);
  return value;
}

inline int set_option(int fd, int level, int name, int value) {
  return setsockopt(fd, level, name, &value, sizeof value);
}

/// What poll says now, waiting for it if it is to happen yet.
inline short events_of(int fd, short asked, int timeout_ms = 0) {
  pollfd request{fd, asked, 0};
  CHECK(poll(&request, 1, timeout_ms) >= 0);
  return request.revents;
}
