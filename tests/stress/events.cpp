// Threads that share epoll sets over eventfds, pipes and sockets, level, edge and one-shot. Every byte arrives once and
// in order, every count is kept, no event is forgotten.
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <mutex>

#include "stress.h"

namespace {

/// One direction of a byte stream: its writer counts up, its reader expects that.
struct Channel {
  int in = -1, out = -1;
  std::mutex reading;
  std::uint64_t expected = 0;
  std::atomic<std::uint64_t> written{0}, read{0};
};

constexpr int kChannels = 12;
std::array<Channel, kChannels> channels;
int shared_set = -1;
std::atomic<int> writers{0};

void make_channels() {
  shared_set = epoll_create1(EPOLL_CLOEXEC);
  HOLDS(shared_set >= 0);
  for (int i = 0; i < kChannels; ++i) {
    int ends[2];
    if (i % 2 == 0) {
      HOLDS(pipe2(ends, O_NONBLOCK) == 0);
    } else {
      HOLDS(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    }
    channels[static_cast<std::size_t>(i)].out = ends[0];
    channels[static_cast<std::size_t>(i)].in = ends[1];
    epoll_event event{};
    constexpr std::array<std::uint32_t, 3> kModes = {EPOLLIN, EPOLLIN | EPOLLET, EPOLLIN | EPOLLONESHOT};
    event.events = kModes[static_cast<std::size_t>(i / 2 % 3)];
    event.data.u32 = static_cast<std::uint32_t>(i);
    HOLDS(epoll_ctl(shared_set, EPOLL_CTL_ADD, ends[0], &event) == 0);
  }
}

void write_channel(stress::Worker& worker, Channel& channel) {
  unsigned char buffer[3000];
  do {
    std::size_t size = 1 + worker.random.below(sizeof buffer);
    for (std::size_t i = 0; i < size; ++i) buffer[i] = static_cast<unsigned char>(channel.written + i);
    ssize_t count = write(channel.in, buffer, size);
    if (count < 0) {
      HOLDS(errno == EAGAIN);
      usleep(100);
      continue;
    }
    channel.written += static_cast<std::uint64_t>(count);
  } while (worker.go_on());
  --writers;
}

/// Reads until there is nothing more. @return true if the channel is at its end
void drain(stress::Worker& worker, Channel& channel) {
  std::lock_guard lock(channel.reading);
  unsigned char buffer[4000];
  for (;;) {
    ssize_t count = read(channel.out, buffer, 1 + worker.random.below(sizeof buffer));
    if (count < 0) {
      HOLDS(errno == EAGAIN);
      return;
    }
    if (count == 0) return;
    for (ssize_t i = 0; i < count; ++i) HOLDS(buffer[i] == static_cast<unsigned char>(channel.expected++));
    channel.read += static_cast<std::uint64_t>(count);
  }
}

bool all_read() {
  if (writers != 0) return false;
  for (const Channel& channel : channels) {
    if (channel.read != channel.written) return false;
  }
  return true;
}

void read_channels(stress::Worker& worker) {
  do {
    std::array<epoll_event, 4> events{};
    int count = epoll_wait(shared_set, events.data(), static_cast<int>(1 + worker.random.below(4)), 20);
    HOLDS(count >= 0);
    for (int i = 0; i < count; ++i) {
      std::uint32_t index = events[static_cast<std::size_t>(i)].data.u32;
      HOLDS(index < kChannels);
      Channel& channel = channels[index];
      drain(worker, channel);
      if (index / 2 % 3 != 2) continue;
      epoll_event again{};
      again.events = EPOLLIN | EPOLLONESHOT;
      again.data.u32 = index;
      HOLDS(epoll_ctl(shared_set, EPOLL_CTL_MOD, channel.out, &again) == 0);
    }
    worker.finish_up();
  } while (!all_read());
}

// ---- eventfds: what was added is taken
struct Event {
  int counter = -1, semaphore = -1;
  std::atomic<std::uint64_t> added{0}, taken{0}, posted{0}, acquired{0};
  std::atomic<int> adders{0};
} event;

void add_events(stress::Worker& worker) {
  do {
    std::uint64_t value = 1 + worker.random.below(9);
    HOLDS(write(event.counter, &value, sizeof value) == sizeof value);
    event.added += value;
    value = 1;
    HOLDS(write(event.semaphore, &value, sizeof value) == sizeof value);
    ++event.posted;
    if (worker.random.chance(8)) usleep(static_cast<unsigned>(worker.random.below(300)));
  } while (worker.go_on());
  --event.adders;
}

void take_events(stress::Worker& worker) {
  int set = epoll_create1(0);
  HOLDS(set >= 0);
  for (int fd : {event.counter, event.semaphore}) {
    epoll_event wanted{};
    wanted.events = EPOLLIN | EPOLLEXCLUSIVE;
    wanted.data.fd = fd;
    HOLDS(epoll_ctl(set, EPOLL_CTL_ADD, fd, &wanted) == 0);
  }
  do {
    epoll_event ready{};
    int count = epoll_wait(set, &ready, 1, 20);
    HOLDS(count >= 0);
    std::uint64_t value = 0;
    if (count == 1 && read(ready.data.fd, &value, sizeof value) == sizeof value) {
      HOLDS(value > 0);
      (ready.data.fd == event.counter ? event.taken : event.acquired) += value;
      HOLDS(ready.data.fd == event.counter || value == 1);
    }
    worker.finish_up();
  } while (event.adders != 0 || event.added != event.taken || event.posted != event.acquired);
  close(set);
}

/// Sets that are made, filled and thrown away, members closed first.
void churn(stress::Worker& worker) {
  do {
    int set = epoll_create1(0);
    int inner = epoll_create1(0);
    int fd = eventfd(1, EFD_NONBLOCK);
    HOLDS(set >= 0 && inner >= 0 && fd >= 0);
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    wanted.data.u64 = 7;
    HOLDS(epoll_ctl(inner, EPOLL_CTL_ADD, fd, &wanted) == 0);
    HOLDS(epoll_ctl(set, EPOLL_CTL_ADD, inner, &wanted) == 0);
    HOLDS(epoll_ctl(set, EPOLL_CTL_ADD, inner, &wanted) == -1 && errno == EEXIST);
    epoll_event ready{};
    HOLDS(epoll_wait(set, &ready, 1, 0) == 1 && ready.data.u64 == 7);
    if (worker.random.chance(2)) HOLDS(epoll_ctl(inner, EPOLL_CTL_DEL, fd, nullptr) == 0);
    close(fd);
    HOLDS(epoll_wait(set, &ready, 1, 0) == 0);
    bool outer_first = worker.random.chance(2);
    HOLDS(close(outer_first ? set : inner) == 0);
    HOLDS(close(outer_first ? inner : set) == 0);
  } while (worker.go_on());
}

}  // namespace

int main(int argc, char** argv) {
  make_channels();
  event.counter = eventfd(0, EFD_NONBLOCK);
  event.semaphore = eventfd(0, EFD_NONBLOCK | EFD_SEMAPHORE);
  HOLDS(event.counter >= 0 && event.semaphore >= 0);
  writers = kChannels;
  event.adders = 2;
  stress::Stress stress(argc, argv);
  for (Channel& channel : channels) {
    stress.start("writer", 1, [&channel](stress::Worker& worker) { write_channel(worker, channel); });
  }
  stress.start("reader", 4, read_channels);
  stress.start("adder", 2, add_events);
  stress.start("taker", 3, take_events);
  stress.start("churn", 1, churn);
  return stress.finish("events");
}
