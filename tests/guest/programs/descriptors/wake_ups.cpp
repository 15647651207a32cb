// Threads that wait by poll, select, epoll or a blocking call are woken by whatever another thread does.
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <functional>
#include <initializer_list>
#include <thread>

#include "check.h"

namespace {

/// Something to wait for: `fd` becomes readable once `happen` has run.
struct Source {
  const char* name;
  int fd;
  std::function<void()> happen;
};

void wait_by_poll(int fd) {
  pollfd request{fd, POLLIN, 0};
  CHECK(poll(&request, 1, -1) == 1 && (request.revents & (POLLIN | POLLHUP)) != 0);
}

void wait_by_select(int fd) {
  fd_set set;
  FD_ZERO(&set);
  FD_SET(fd, &set);
  CHECK(select(fd + 1, &set, nullptr, nullptr, nullptr) == 1 && FD_ISSET(fd, &set));
}

void wait_by_epoll(int fd) {
  int epoll = epoll_create1(0);
  epoll_event event{};
  event.events = EPOLLIN;
  CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0 && epoll_wait(epoll, &event, 1, -1) == 1);
  CHECK(close(epoll) == 0);
}

void wait_by_nested_epoll(int fd) {
  int inner = epoll_create1(0);
  epoll_event event{};
  event.events = EPOLLIN;
  CHECK(epoll_ctl(inner, EPOLL_CTL_ADD, fd, &event) == 0);
  wait_by_epoll(inner);
  CHECK(close(inner) == 0);
}

void wait_by_reading(int fd) {
  char bytes[64];
  CHECK(read(fd, bytes, sizeof bytes) >= 0);
}

using Wait = void (*)(int);
constexpr Wait kWaits[] = {wait_by_poll, wait_by_select, wait_by_epoll, wait_by_nested_epoll, wait_by_reading};

template <typename Make>
void check_source(Make make) {
  const char* name = nullptr;
  for (Wait wait : kWaits) {
    for (bool at_once : {true, false}) {
      Source source = make();
      name = source.name;
      std::thread other([&] {
        for (int i = 0; !at_once && i < 20; ++i) std::this_thread::yield();
        source.happen();
      });
      wait(source.fd);
      other.join();
      CHECK(close(source.fd) == 0);
    }
  }
  std::printf("woken by %s\n", name);
}

void write_byte(int fd) {
  CHECK(write(fd, "x", 1) == 1 && close(fd) == 0);
}

Source pipe_written() {
  int ends[2];
  CHECK(pipe(ends) == 0);
  return {"a pipe that is written to", ends[0], [writer = ends[1]] { write_byte(writer); }};
}

Source pipe_closed() {
  int ends[2];
  CHECK(pipe(ends) == 0);
  return {"a pipe that is closed", ends[0], [writer = ends[1]] { CHECK(close(writer) == 0); }};
}

Source counter() {
  int fd = eventfd(0, 0);
  return {"a counter", fd, [fd] {
            uint64_t one = 1;
            CHECK(write(fd, &one, sizeof one) == sizeof one);
          }};
}

Source timer() {
  int fd = timerfd_create(CLOCK_MONOTONIC, 0);
  return {"a timer", fd, [fd] {
            itimerspec soon{{0, 0}, {0, 2'000'000}};
            CHECK(timerfd_settime(fd, 0, &soon, nullptr) == 0);
          }};
}

template <int kType>
Source pair() {
  int ends[2];
  CHECK(socketpair(AF_UNIX, kType, 0, ends) == 0);
  return {"a socket pair", ends[0], [other = ends[1]] { write_byte(other); }};
}

Source pair_shut() {
  int ends[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  return {"a socket that is shut", ends[0],
          [other = ends[1]] { CHECK(shutdown(other, SHUT_WR) == 0 && close(other) == 0); }};
}

}  // namespace

int main() {
  check_source(pipe_written);
  check_source(pipe_closed);
  check_source(counter);
  check_source(timer);
  check_source(pair<SOCK_STREAM>);
  check_source(pair<SOCK_DGRAM>);
  check_source(pair<SOCK_SEQPACKET>);
  check_source(pair_shut);
}
