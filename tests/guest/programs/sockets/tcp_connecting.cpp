// connect and accept of TCP: blocking or not, refused, backlog, errors.
#include <fcntl.h>
#include <sys/resource.h>

#include <initializer_list>
#include <thread>

#include "sockets/inet.h"

namespace {

void without_blocking() {
  int listener = new_listener();
  int client = new_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
  CHECK(events_of(client, POLLOUT | POLLIN) == (POLLOUT | POLLHUP));
  CHECK_FAILS(connect_to(client, name_of(listener)), EINPROGRESS);
  CHECK(events_of(client, POLLOUT, 1000) == POLLOUT);
  CHECK(option(client, SOL_SOCKET, SO_ERROR) == 0);
  CHECK(connect_to(client, name_of(listener)) == 0);
  CHECK_FAILS(connect_to(client, name_of(listener)), EISCONN);
  CHECK(peer_of(client).sin_port == name_of(listener).sin_port);
  CHECK(events_of(listener, POLLIN | POLLOUT, 1000) == POLLIN);
  int server = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  CHECK(fcntl(server, F_GETFL) == (O_RDWR | O_NONBLOCK) && fcntl(server, F_GETFD) == FD_CLOEXEC);
  CHECK(fcntl(listener, F_SETFL, O_NONBLOCK) == 0);
  CHECK_FAILS(accept(listener, nullptr, nullptr), EAGAIN);
  for (int each : {client, server, listener}) CHECK(close(each) == 0);
  passed("without blocking");
}

void refused() {
  uint16_t port = unused_port();
  int client = new_socket(AF_INET, SOCK_STREAM);
  CHECK_FAILS(connect_to(client, v4(port)), ECONNREFUSED);
  CHECK(option(client, SOL_SOCKET, SO_ERROR) == 0);
  int listener = new_listener();
  CHECK(connect_to(client, name_of(listener)) == 0 && close(client) == 0);  // it may try again
  client = new_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
  CHECK_FAILS(connect_to(client, v4(port)), EINPROGRESS);
  constexpr short kAll = POLLIN | POLLOUT | POLLRDHUP;
  CHECK(events_of(client, kAll, 1000) == (POLLIN | POLLOUT | POLLRDHUP | POLLERR | POLLHUP));
  CHECK(option(client, SOL_SOCKET, SO_ERROR) == ECONNREFUSED && option(client, SOL_SOCKET, SO_ERROR) == 0);
  CHECK(events_of(client, kAll) == (POLLIN | POLLOUT | POLLRDHUP | POLLHUP));
  CHECK(close(client) == 0 && close(listener) == 0);
  int other = new_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
  CHECK_FAILS(connect_to(other, v4(port)), EINPROGRESS);
  CHECK(events_of(other, POLLOUT, 1000) != 0);
  CHECK_FAILS(connect_to(other, v4(port)), ECONNREFUSED);  // tells the error of the first
  CHECK(close(other) == 0);
  passed("refused");
}

void accepting() {
  int listener = new_listener();
  CHECK(option(listener, SOL_SOCKET, SO_ACCEPTCONN) == 1);
  int client = new_socket(AF_INET, SOCK_STREAM);
  CHECK(connect_to(client, name_of(listener)) == 0);
  sockaddr_in peer{};
  socklen_t size = sizeof peer;
  CHECK_FAILS(accept4(listener, nullptr, nullptr, 0x10), EINVAL);
  int server = accept(listener, reinterpret_cast<sockaddr*>(&peer), &size);
  CHECK(server >= 0 && size == sizeof peer && peer.sin_port == name_of(client).sin_port);
  CHECK((fcntl(server, F_GETFL) & O_NONBLOCK) == 0);
  CHECK(peer_of(server).sin_port == peer.sin_port && name_of(server).sin_port == name_of(listener).sin_port);
  CHECK_FAILS(accept(client, nullptr, nullptr), EINVAL);
  CHECK_FAILS(listen(client, 1), EINVAL);
  CHECK_FAILS(connect_to(listener, name_of(listener)), EISCONN);
  char byte = 0;
  CHECK_FAILS(recv(listener, &byte, 1, 0), ENOTCONN);
  CHECK_FAILS(send(listener, &byte, 1, MSG_NOSIGNAL), EPIPE);
  int datagrams = new_socket(AF_INET, SOCK_DGRAM);
  CHECK_FAILS(accept(datagrams, nullptr, nullptr), EOPNOTSUPP);
  CHECK_FAILS(listen(datagrams, 1), EOPNOTSUPP);
  for (int each : {client, server, listener, datagrams}) CHECK(close(each) == 0);
  passed("accepting");
}

void out_of_descriptors() {
  int listener = new_listener();
  int client = new_socket(AF_INET, SOCK_STREAM);
  CHECK(connect_to(client, name_of(listener)) == 0);
  rlimit before{};
  CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit limit = before;
  limit.rlim_cur = static_cast<rlim_t>(client) + 1;
  CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  CHECK_FAILS(accept(listener, nullptr, nullptr), EMFILE);
  CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
  int server = accept(listener, nullptr, nullptr);  // the connection is not lost
  CHECK(server >= 0 && write(server, "x", 1) == 1);
  for (int each : {client, server, listener}) CHECK(close(each) == 0);
  passed("no descriptor left");
}

void backlog() {
  int listener = new_listener(1);
  int clients[2];
  for (int& client : clients) {
    client = new_socket(AF_INET, SOCK_STREAM);
    CHECK(connect_to(client, name_of(listener)) == 0);
  }
  int late = new_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
  CHECK_FAILS(connect_to(late, name_of(listener)), EINPROGRESS);
  CHECK(events_of(late, POLLOUT, 20) == 0);
  CHECK_FAILS(connect_to(late, name_of(listener)), EALREADY);
  for (int client : clients) {
    int server = accept(listener, nullptr, nullptr);
    CHECK(server >= 0 && close(server) == 0 && close(client) == 0);
  }
  CHECK(events_of(late, POLLOUT, 5000) == POLLOUT && option(late, SOL_SOCKET, SO_ERROR) == 0);
  int server = accept(listener, nullptr, nullptr);
  CHECK(server >= 0 && close(server) == 0 && close(late) == 0 && close(listener) == 0);
  passed("a full backlog makes others wait");
}

void waiting_for_each_other() {
  int listener = new_listener();
  std::thread other([&] {
    int client = new_socket(AF_INET, SOCK_STREAM);
    CHECK(connect_to(client, name_of(listener)) == 0);
    char byte = 0;
    CHECK(read(client, &byte, 1) == 1 && byte == 'x' && close(client) == 0);
  });
  int server = accept(listener, nullptr, nullptr);
  CHECK(write(server, "x", 1) == 1);
  other.join();
  CHECK(close(server) == 0 && close(listener) == 0);
  timeval soon{0, 20'000};
  listener = new_listener();
  CHECK(setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon) == 0);
  CHECK_FAILS(accept(listener, nullptr, nullptr), EAGAIN);
  CHECK(close(listener) == 0);
  passed("accept waits, but not for ever");
}

void wrong_addresses() {
  int fd = new_socket(AF_INET, SOCK_STREAM);
  sockaddr_in name = v4(1);
  CHECK_FAILS(connect(fd, reinterpret_cast<sockaddr*>(&name), 4), EINVAL);
  CHECK_FAILS(connect(fd, reinterpret_cast<sockaddr*>(bad_address()), sizeof name), EFAULT);
  CHECK_FAILS(connect_to(fd, v6(1)), EAFNOSUPPORT);
  name.sin_family = AF_UNSPEC;
  CHECK(connect_to(fd, name) == 0);
  CHECK(close(fd) == 0);
  passed("wrong addresses");
}

}  // namespace

int main() {
  without_blocking();
  refused();
  accepting();
  out_of_descriptors();
  backlog();
  waiting_for_each_other();
  wrong_addresses();
}
