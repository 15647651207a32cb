// Connections that are made, used and broken: TCP over the loopback and UNIX sockets, streams and datagrams,
// descriptors on their way through them. What is sent arrives, in order and once; what is closed is seen.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <csignal>

#include <vector>

#include "stress.h"

namespace {

int listener = -1;
sockaddr_in address{};
std::atomic<int> clients{0};

void listen_on_loopback() {
  listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  HOLDS(listener >= 0);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  HOLDS(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  HOLDS(listen(listener, 64) == 0);
  socklen_t size = sizeof address;
  HOLDS(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
}

void send_all(int fd, const unsigned char* data, std::size_t size) {
  while (size > 0) {
    ssize_t count = send(fd, data, size, MSG_NOSIGNAL);
    HOLDS(count > 0);
    data += count;
    size -= static_cast<std::size_t>(count);
  }
}

bool receive_all(int fd, unsigned char* data, std::size_t size) {
  while (size > 0) {
    ssize_t count = recv(fd, data, size, 0);
    HOLDS(count >= 0);
    if (count == 0) return false;
    data += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

void ask(stress::Worker& worker) {
  std::vector<unsigned char> sent(20'000);
  std::vector<unsigned char> got(sent.size());
  do {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    HOLDS(fd >= 0);
    HOLDS(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    for (std::uint64_t rounds = 1 + worker.random.below(4); rounds > 0; --rounds) {
      std::uint32_t size = static_cast<std::uint32_t>(1 + worker.random.below(sent.size()));
      for (std::uint32_t i = 0; i < size; ++i) sent[i] = static_cast<unsigned char>(worker.random.next());
      send_all(fd, reinterpret_cast<unsigned char*>(&size), sizeof size);
      send_all(fd, sent.data(), size);
      HOLDS(receive_all(fd, got.data(), size) && std::memcmp(sent.data(), got.data(), size) == 0);
    }
    HOLDS(shutdown(fd, SHUT_WR) == 0);
    unsigned char end = 0;
    HOLDS(recv(fd, &end, 1, 0) == 0);
    HOLDS(close(fd) == 0);
  } while (worker.go_on());
  --clients;
}

void answer(stress::Worker& worker) {
  std::vector<unsigned char> buffer(20'000);
  do {
    pollfd wanted{listener, POLLIN, 0};
    HOLDS(poll(&wanted, 1, 20) >= 0);
    int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    worker.finish_up();
    if (fd < 0) {
      HOLDS(errno == EAGAIN);
      continue;
    }
    std::uint32_t size = 0;
    while (receive_all(fd, reinterpret_cast<unsigned char*>(&size), sizeof size)) {
      HOLDS(size <= buffer.size() && receive_all(fd, buffer.data(), size));
      send_all(fd, buffer.data(), size);
    }
    HOLDS(close(fd) == 0);
  } while (clients != 0);
}

/// A pair of which one end goes away while the other is blocked.
void break_pairs(stress::Worker& worker) {
  do {
    int ends[2];
    HOLDS(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    bool by_shutdown = worker.random.chance(2);
    std::thread other([&] {
      char byte = 0;
      HOLDS(recv(ends[1], &byte, 1, 0) == 1 && byte == 'b');
      HOLDS(recv(ends[1], &byte, 1, 0) == 0);
    });
    HOLDS(send(ends[0], "b", 1, 0) == 1);
    if (worker.random.chance(2)) usleep(200);
    HOLDS(by_shutdown ? shutdown(ends[0], SHUT_WR) == 0 : close(ends[0]) == 0);
    other.join();
    if (by_shutdown) HOLDS(close(ends[0]) == 0);
    HOLDS(by_shutdown || (send(ends[1], "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE));
    HOLDS(close(ends[1]) == 0);
  } while (worker.go_on());
}

/// Datagrams keep their borders.
void datagrams(stress::Worker& worker) {
  int ends[2];
  HOLDS(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0);
  unsigned char buffer[2000];
  do {
    std::size_t sizes[6];
    std::uint64_t count = 1 + worker.random.below(6);
    for (std::uint64_t i = 0; i < count; ++i) {
      sizes[i] = 1 + worker.random.below(sizeof buffer);
      std::memset(buffer, static_cast<int>(i), sizes[i]);
      HOLDS(send(ends[0], buffer, sizes[i], 0) == static_cast<ssize_t>(sizes[i]));
    }
    for (std::uint64_t i = 0; i < count; ++i) {
      HOLDS(recv(ends[1], buffer, sizeof buffer, 0) == static_cast<ssize_t>(sizes[i]));
      HOLDS(buffer[0] == i && buffer[sizes[i] - 1] == i);
    }
    HOLDS(recv(ends[1], buffer, sizeof buffer, MSG_DONTWAIT) == -1 && errno == EAGAIN);
  } while (worker.go_on());
}

/// A pipe's end goes through a socket, its last other reference is closed, and still it works.
void pass_descriptors(stress::Worker& worker) {
  int ends[2];
  HOLDS(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  do {
    int pipe_ends[2];
    HOLDS(pipe(pipe_ends) == 0);
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    char byte = 'f';
    iovec part{&byte, 1};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &pipe_ends[1], sizeof(int));
    HOLDS(sendmsg(ends[0], &message, 0) == 1);
    HOLDS(close(pipe_ends[1]) == 0);
    HOLDS(recvmsg(ends[1], &message, MSG_CMSG_CLOEXEC) == 1 && byte == 'f');
    header = CMSG_FIRSTHDR(&message);
    HOLDS(header != nullptr && header->cmsg_type == SCM_RIGHTS);
    int passed = -1;
    std::memcpy(&passed, CMSG_DATA(header), sizeof passed);
    HOLDS(write(passed, "p", 1) == 1 && close(passed) == 0);
    HOLDS(read(pipe_ends[0], &byte, 1) == 1 && byte == 'p');
    HOLDS(read(pipe_ends[0], &byte, 1) == 0);
    HOLDS(close(pipe_ends[0]) == 0);
  } while (worker.go_on());
}

}  // namespace

int main(int argc, char** argv) {
  listen_on_loopback();
  clients = 6;
  stress::Stress stress(argc, argv);
  stress.start("client", 6, ask);
  stress.start("server", 3, answer);
  stress.start("breaking", 2, break_pairs);
  stress.start("datagrams", 2, datagrams);
  stress.start("passing", 2, pass_descriptors);
  return stress.finish("sockets");
}
