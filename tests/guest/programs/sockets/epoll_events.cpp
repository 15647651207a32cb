// What epoll tells of sockets, by level and by edge.
#include <fcntl.h>
#include <sys/epoll.h>

#include <initializer_list>
#include <string>

#include "sockets/inet.h"

namespace {

void watch(int epoll, int fd, uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
}

/// The events of `fd`, which is all there is; 0 if there are none within the time.
uint32_t next(int epoll, int fd, int timeout_ms = 0) {
  epoll_event events[8];
  int count = epoll_wait(epoll, events, 8, timeout_ms);
  if (count == 0) return 0;
  CHECK(count == 1 && events[0].data.fd == fd);
  return events[0].events;
}

void listeners() {
  int epoll = epoll_create1(0);
  int listener = new_listener();
  watch(epoll, listener, EPOLLIN | EPOLLET);
  CHECK(next(epoll, listener) == 0);
  int clients[2] = {new_socket(AF_INET, SOCK_STREAM), new_socket(AF_INET, SOCK_STREAM)};
  CHECK(connect_to(clients[0], name_of(listener)) == 0 && next(epoll, listener, 1000) == EPOLLIN);
  CHECK(next(epoll, listener) == 0);
  CHECK(connect_to(clients[1], name_of(listener)) == 0 && next(epoll, listener, 1000) == EPOLLIN);
  for (int client : clients) {
    int server = accept(listener, nullptr, nullptr);
    CHECK(server >= 0 && close(server) == 0 && close(client) == 0);
  }
  CHECK(next(epoll, listener) == 0 && close(listener) == 0 && close(epoll) == 0);
  passed("listeners");
}

void by_edge() {
  int epoll = epoll_create1(0);
  Connection tcp = new_connection();
  watch(epoll, tcp.server, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
  CHECK(next(epoll, tcp.server) == EPOLLOUT && next(epoll, tcp.server) == 0);
  CHECK(write(tcp.client, "ab", 2) == 2 && next(epoll, tcp.server, 1000) == (EPOLLIN | EPOLLOUT));
  char bytes[8];
  CHECK(read(tcp.server, bytes, 1) == 1 && next(epoll, tcp.server) == 0);  // more is left, but nothing is new
  CHECK(read(tcp.server, bytes, 8) == 1);
  CHECK(shutdown(tcp.client, SHUT_WR) == 0);
  CHECK(next(epoll, tcp.server, 1000) == (EPOLLIN | EPOLLOUT | EPOLLRDHUP));
  CHECK(next(epoll, tcp.server) == 0 && read(tcp.server, bytes, 8) == 0);
  tcp.close_both();
  CHECK(close(epoll) == 0);
  passed("edges of a connection");
}

void room_by_edge() {
  int pair[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
  int epoll = epoll_create1(0);
  watch(epoll, pair[0], EPOLLOUT | EPOLLET);
  CHECK(next(epoll, pair[0]) == EPOLLOUT);
  std::string block(8192, 'b');
  while (write(pair[0], block.data(), block.size()) > 0) continue;
  CHECK(errno == EAGAIN && next(epoll, pair[0]) == 0);
  while (read(pair[1], block.data(), block.size()) > 0) continue;
  CHECK(next(epoll, pair[0]) == EPOLLOUT && next(epoll, pair[0]) == 0);
  for (int each : {pair[0], pair[1], epoll}) CHECK(close(each) == 0);
  passed("room is an edge");
}

void by_level() {
  int epoll = epoll_create1(0);
  Connection tcp = new_connection();
  watch(epoll, tcp.server, EPOLLIN | EPOLLRDHUP);
  CHECK(write(tcp.client, "ab", 2) == 2);
  char byte = 0;
  CHECK(next(epoll, tcp.server, 1000) == EPOLLIN && read(tcp.server, &byte, 1) == 1);
  CHECK(next(epoll, tcp.server) == EPOLLIN && read(tcp.server, &byte, 1) == 1 && next(epoll, tcp.server) == 0);
  CHECK(shutdown(tcp.server, SHUT_WR) == 0 && close(tcp.client) == 0);
  CHECK(next(epoll, tcp.server, 1000) == (EPOLLIN | EPOLLRDHUP | EPOLLHUP));
  CHECK(next(epoll, tcp.server) == (EPOLLIN | EPOLLRDHUP | EPOLLHUP));
  CHECK(close(tcp.server) == 0 && next(epoll, -1) == 0 && close(epoll) == 0);
  passed("levels of a connection");
}

void connecting() {
  int epoll = epoll_create1(0);
  int listener = new_listener();
  int client = new_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
  watch(epoll, client, EPOLLIN | EPOLLOUT | EPOLLET);
  CHECK(next(epoll, client) == (EPOLLOUT | EPOLLHUP));
  CHECK_FAILS(connect_to(client, name_of(listener)), EINPROGRESS);
  CHECK(next(epoll, client, 1000) == EPOLLOUT && next(epoll, client) == 0);
  CHECK(close(client) == 0 && close(listener) == 0);
  client = new_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
  CHECK_FAILS(connect_to(client, v4(unused_port())), EINPROGRESS);
  watch(epoll, client, EPOLLIN | EPOLLOUT);
  CHECK(next(epoll, client, 1000) == (EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP));
  CHECK(option(client, SOL_SOCKET, SO_ERROR) == ECONNREFUSED);
  CHECK(next(epoll, client) == (EPOLLIN | EPOLLOUT | EPOLLHUP));
  CHECK(close(client) == 0 && close(epoll) == 0);
  passed("connecting");
}

}  // namespace

int main() {
  listeners();
  by_edge();
  room_by_edge();
  by_level();
  connecting();
}
