// A TCP server and its clients in one program, over the loopback address.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "check.h"

namespace {

int listen_anywhere(sockaddr_in& address) {
  int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int on = 1;
  CHECK(server >= 0 && setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0);
  address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(bind(server, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && listen(server, 16) == 0);
  socklen_t size = sizeof address;
  CHECK(getsockname(server, reinterpret_cast<sockaddr*>(&address), &size) == 0 && address.sin_port != 0);
  return server;
}

int connect_to(const sockaddr_in& address) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  CHECK(fd >= 0 && connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  int on = 1;
  CHECK(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0);
  return fd;
}

void echo_until_closed(int fd) {
  char buffer[8192];
  ssize_t count = 0;
  while ((count = recv(fd, buffer, sizeof buffer, 0)) > 0) {
    CHECK(send(fd, buffer, static_cast<size_t>(count), MSG_NOSIGNAL) == count);
  }
  CHECK(count == 0 && close(fd) == 0);
}

void thread_per_connection() {
  sockaddr_in address;
  int server = listen_anywhere(address);
  constexpr int kClients = 6;
  std::thread acceptor([&] {
    std::vector<std::thread> workers;
    for (int i = 0; i < kClients; ++i) {
      sockaddr_in peer{};
      socklen_t size = sizeof peer;
      int fd = accept4(server, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC);
      CHECK(fd >= 0 && peer.sin_addr.s_addr == htonl(INADDR_LOOPBACK) && peer.sin_port != 0);
      workers.emplace_back(echo_until_closed, fd);
    }
    for (std::thread& worker : workers) worker.join();
  });
  for (int i = 0; i < kClients; ++i) {
    int fd = connect_to(address);
    for (int round = 0; round < 50; ++round) {
      std::string message(static_cast<size_t>(round * 37 + 1), static_cast<char>('a' + i));
      CHECK(send(fd, message.data(), message.size(), 0) == static_cast<ssize_t>(message.size()));
      std::string answer(message.size(), 0);
      CHECK(recv(fd, answer.data(), answer.size(), MSG_WAITALL) == static_cast<ssize_t>(answer.size()));
      CHECK(answer == message);
    }
    CHECK(close(fd) == 0);
  }
  acceptor.join();
  CHECK(close(server) == 0);
  int late = socket(AF_INET, SOCK_STREAM, 0);
  CHECK(connect(late, reinterpret_cast<sockaddr*>(&address), sizeof address) == -1 && errno == ECONNREFUSED);
  CHECK(close(late) == 0);
  passed("thread per connection");
}

/// Answers each byte with two, through epoll, until `connections` have come and gone.
void run_event_server(int server, int connections) {
  int epoll = epoll_create1(0);
  CHECK(fcntl(server, F_SETFL, O_NONBLOCK) == 0);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = server;
  CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, server, &event) == 0);
  while (connections > 0) {
    epoll_event events[4];
    int count = epoll_wait(epoll, events, 4, -1);
    for (int i = 0; i < count; ++i) {
      int fd = events[i].data.fd;
      char byte = 0;
      if (fd == server) {
        event.data.fd = accept4(server, nullptr, nullptr, SOCK_NONBLOCK);
        CHECK(event.data.fd >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event) == 0);
      } else if (recv(fd, &byte, 1, 0) == 1) {
        const char answer[2] = {byte, byte};
        CHECK(send(fd, answer, 2, 0) == 2);
      } else {
        CHECK(close(fd) == 0);
        --connections;
      }
    }
  }
  CHECK(close(epoll) == 0);
}

void event_driven() {
  sockaddr_in address;
  int server = listen_anywhere(address);
  constexpr int kClients = 10;
  std::thread loop(run_event_server, server, kClients);
  std::vector<int> clients;
  for (int i = 0; i < kClients; ++i) clients.push_back(connect_to(address));
  for (int round = 0; round < 20; ++round) {
    for (int fd : clients) CHECK(send(fd, "z", 1, 0) == 1);
    for (int fd : clients) {
      char answer[2] = {};
      CHECK(recv(fd, answer, 2, MSG_WAITALL) == 2 && answer[1] == 'z');
    }
  }
  for (int fd : clients) CHECK(close(fd) == 0);
  loop.join();
  CHECK(close(server) == 0);
  passed("event driven");
}

}  // namespace

int main() {
  thread_per_connection();
  event_driven();
}
