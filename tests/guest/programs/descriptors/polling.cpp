// Pipes, eventfd, timerfd, epoll and poll, between threads and alone.
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <csignal>

#include <cstdint>
#include <numeric>
#include <thread>
#include <vector>

#include "check.h"

namespace {

void pipes() {
  int ends[2];
  CHECK(pipe2(ends, O_CLOEXEC) == 0);
  std::vector<unsigned char> data(300'000);
  std::iota(data.begin(), data.end(), static_cast<unsigned char>(0));
  std::thread writer([&] {
    size_t done = 0;
    while (done < data.size()) {
      ssize_t count = write(ends[1], data.data() + done, data.size() - done);
      CHECK(count > 0);
      done += static_cast<size_t>(count);
    }
    CHECK(close(ends[1]) == 0);
  });
  size_t total = 0;
  unsigned char buffer[7000];
  ssize_t count = 0;
  while ((count = read(ends[0], buffer, sizeof buffer)) > 0) {
    CHECK(std::memcmp(buffer, data.data() + total, static_cast<size_t>(count)) == 0);
    total += static_cast<size_t>(count);
  }
  writer.join();
  CHECK(close(ends[0]) == 0);
  std::printf("pipe moved %zu bytes\n", total);
}

void pipe_conditions() {
  signal(SIGPIPE, SIG_IGN);
  int ends[2];
  CHECK(pipe2(ends, O_NONBLOCK) == 0);
  char byte = 0;
  CHECK(read(ends[0], &byte, 1) == -1 && errno == EAGAIN);
  CHECK(write(ends[1], "abc", 3) == 3);
  int available = 0;
  CHECK(ioctl(ends[0], FIONREAD, &available) == 0 && available == 3);
  pollfd ready[2] = {{ends[0], POLLIN, 0}, {ends[1], POLLOUT, 0}};
  CHECK(poll(ready, 2, 0) == 2 && ready[0].revents == POLLIN && ready[1].revents == POLLOUT);
  CHECK(close(ends[0]) == 0);
  CHECK(write(ends[1], "x", 1) == -1 && errno == EPIPE);
  ready[0] = {ends[1], POLLOUT, 0};
  CHECK(poll(ready, 1, 0) == 1 && (ready[0].revents & POLLERR) != 0);
  CHECK(close(ends[1]) == 0);
  passed("pipe conditions");
}

void event_counters() {
  int fd = eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC);
  uint64_t value = 0;
  CHECK(fd >= 0 && read(fd, &value, 8) == 8 && value == 3);
  CHECK(read(fd, &value, 8) == -1 && errno == EAGAIN);
  value = 5;
  CHECK(write(fd, &value, 8) == 8 && write(fd, &value, 8) == 8);
  CHECK(read(fd, &value, 8) == 8 && value == 10);
  CHECK(read(fd, &value, 4) == -1 && errno == EINVAL);
  CHECK(close(fd) == 0);
  int semaphore = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
  CHECK(read(semaphore, &value, 8) == 8 && value == 1 && read(semaphore, &value, 8) == 8);
  CHECK(read(semaphore, &value, 8) == -1 && close(semaphore) == 0);
  passed("event counters");
}

void timers() {
  int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  itimerspec setting{{0, 4'000'000}, {0, 4'000'000}};
  CHECK(fd >= 0 && timerfd_settime(fd, 0, &setting, nullptr) == 0);
  uint64_t total = 0;
  while (total < 3) {
    uint64_t count = 0;
    CHECK(read(fd, &count, 8) == 8 && count >= 1);
    total += count;
  }
  itimerspec now{};
  CHECK(timerfd_gettime(fd, &now) == 0 && now.it_interval.tv_nsec == 4'000'000);
  CHECK(close(fd) == 0);
  passed("timers");
}

void add(int epoll, int fd, uint32_t events, uint64_t data) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = data;
  CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
}

void level_and_edge() {
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  int level = eventfd(0, EFD_NONBLOCK);
  int edge = eventfd(0, EFD_NONBLOCK);
  int once = eventfd(0, EFD_NONBLOCK);
  add(epoll, level, EPOLLIN, 1);
  add(epoll, edge, EPOLLIN | EPOLLET, 2);
  add(epoll, once, EPOLLIN | EPOLLONESHOT, 3);
  epoll_event events[8];
  CHECK(epoll_wait(epoll, events, 8, 0) == 0);
  uint64_t one = 1;
  for (int fd : {level, edge, once}) CHECK(write(fd, &one, 8) == 8);
  CHECK(epoll_wait(epoll, events, 8, -1) == 3);
  CHECK(epoll_wait(epoll, events, 8, 0) == 1 && events[0].data.u64 == 1);
  CHECK(write(edge, &one, 8) == 8 && write(once, &one, 8) == 8);
  CHECK(epoll_wait(epoll, events, 8, 0) == 2);
  epoll_event again{};
  again.events = EPOLLIN;
  again.data.u64 = 4;
  CHECK(epoll_ctl(epoll, EPOLL_CTL_MOD, once, &again) == 0);
  CHECK(epoll_ctl(epoll, EPOLL_CTL_DEL, level, nullptr) == 0);
  CHECK(epoll_wait(epoll, events, 8, 0) == 1 && events[0].data.u64 == 4);
  CHECK(epoll_ctl(epoll, EPOLL_CTL_DEL, level, nullptr) == -1 && errno == ENOENT);
  CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, once, &again) == -1 && errno == EEXIST);
  CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, epoll, &again) == -1 && errno == EINVAL);
  for (int fd : {level, edge, once, epoll}) CHECK(close(fd) == 0);
  passed("level, edge and one-shot");
}

void waking_from_another_thread() {
  int epoll = epoll_create1(0);
  int fd = eventfd(0, 0);
  int idle = eventfd(0, 0);
  add(epoll, fd, EPOLLIN, 1);
  add(epoll, idle, EPOLLIN, 2);
  std::thread other([&] {
    for (int i = 0; i < 300; ++i) {
      uint64_t one = 1;
      CHECK(write(fd, &one, 8) == 8);
      std::this_thread::yield();
    }
  });
  uint64_t total = 0;
  while (total < 300) {
    epoll_event event{};
    CHECK(epoll_wait(epoll, &event, 1, -1) == 1 && event.data.u64 == 1);
    uint64_t count = 0;
    CHECK(read(fd, &count, 8) == 8);
    total += count;
  }
  other.join();
  epoll_event event{};
  CHECK(epoll_wait(epoll, &event, 1, 10) == 0);
  for (int each : {fd, idle, epoll}) CHECK(close(each) == 0);
  passed("woken from another thread");
}

void select_and_ppoll() {
  int ends[2];
  CHECK(pipe(ends) == 0 && write(ends[1], "s", 1) == 1);
  fd_set set;
  FD_ZERO(&set);
  FD_SET(ends[0], &set);
  timeval none{};
  CHECK(select(ends[0] + 1, &set, nullptr, nullptr, &none) == 1 && FD_ISSET(ends[0], &set));
  pollfd ready{ends[0], POLLIN, 0};
  timespec soon{0, 1'000'000};
  CHECK(ppoll(&ready, 1, &soon, nullptr) == 1);
  char byte = 0;
  CHECK(read(ends[0], &byte, 1) == 1 && ppoll(&ready, 1, &soon, nullptr) == 0);
  CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
  ready.fd = ends[0];
  CHECK(poll(&ready, 1, 0) == 1 && ready.revents == POLLNVAL);
  passed("select and ppoll");
}

}  // namespace

int main() {
  pipes();
  pipe_conditions();
  event_counters();
  timers();
  level_and_edge();
  waking_from_another_thread();
  select_and_ppoll();
}
