// Unix streams, packets and datagrams: boundaries, ends that are gone, full queues.
#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/un.h>
#include <csignal>

#include <cstddef>
#include <initializer_list>
#include <string>

#include "sockets/inet.h"

namespace {

struct Pair {
  explicit Pair(int type) { CHECK(socketpair(AF_UNIX, type, 0, ends) == 0); }
  ~Pair() {
    close(ends[0]);
    close(ends[1]);
  }
  void close_end(int index) {
    CHECK(close(ends[index]) == 0);
    ends[index] = -1;
  }
  int ends[2];
};

constexpr short kAll = POLLIN | POLLOUT | POLLRDHUP;

void packets() {
  Pair pair(SOCK_SEQPACKET);
  auto [a, b] = pair.ends;
  CHECK(send(a, "first", 5, 0) == 5 && send(a, "second", 6, MSG_EOR) == 6);
  int count = 0;
  CHECK(ioctl(b, FIONREAD, &count) == 0 && count == 11);
  char bytes[16];
  CHECK(recv(b, bytes, 3, MSG_PEEK | MSG_TRUNC) == 5 && recv(b, bytes, 3, 0) == 3);
  CHECK(recv(b, bytes, 16, 0) == 6 && std::memcmp(bytes, "second", 6) == 0);
  CHECK_FAILS(recv(b, bytes, 16, MSG_DONTWAIT), EAGAIN);
  iovec part{bytes, 2};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  CHECK(send(a, "abc", 3, 0) == 3 && recvmsg(b, &message, 0) == 2 && message.msg_flags == MSG_TRUNC);
  CHECK(send(a, "x", 1, 0) == 1 && shutdown(a, SHUT_WR) == 0);
  CHECK_FAILS(send(a, "y", 1, MSG_NOSIGNAL), EPIPE);
  CHECK(recv(b, bytes, 16, 0) == 1 && recv(b, bytes, 16, 0) == 0);
  CHECK(events_of(b, kAll) == (POLLIN | POLLOUT | POLLRDHUP));
  int unconnected = new_socket(AF_UNIX, SOCK_SEQPACKET);
  CHECK_FAILS(recv(unconnected, bytes, 1, 0), ENOTCONN);
  CHECK_FAILS(send(unconnected, bytes, 1, 0), ENOTCONN);
  CHECK(close(unconnected) == 0);
  passed("packets");
}

void streams() {
  Pair pair(SOCK_STREAM);
  auto [a, b] = pair.ends;
  char bytes[16];
  CHECK(send(a, "one", 3, 0) == 3 && send(a, "two", 3, 0) == 3);
  int count = 0;
  CHECK(ioctl(b, FIONREAD, &count) == 0 && count == 6);
  CHECK(recv(b, bytes, 16, 0) == 6);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  auto* address = reinterpret_cast<sockaddr*>(&name);
  CHECK_FAILS(sendto(a, "x", 1, 0, address, sizeof name), EISCONN);
  int unconnected = new_socket(AF_UNIX, SOCK_STREAM);
  CHECK_FAILS(sendto(unconnected, "x", 1, 0, address, sizeof name), EOPNOTSUPP);
  CHECK_FAILS(send(unconnected, "x", 1, 0), ENOTCONN);
  CHECK_FAILS(recv(unconnected, bytes, 1, 0), EINVAL);
  CHECK(events_of(unconnected, kAll) == (POLLOUT | POLLHUP));
  CHECK(shutdown(unconnected, SHUT_RDWR) == 0 && close(unconnected) == 0);
  CHECK(shutdown(a, SHUT_RD) == 0);
  CHECK_FAILS(send(b, "x", 1, MSG_NOSIGNAL), EPIPE);
  CHECK(recv(a, bytes, 1, 0) == 0 && send(a, "still", 5, 0) == 5 && recv(b, bytes, 16, 0) == 5);
  passed("streams");
}

void ends_gone() {
  for (int type : {SOCK_STREAM, SOCK_SEQPACKET}) {
    Pair pair(type);
    char bytes[16];
    CHECK(send(pair.ends[0], "bye", 3, 0) == 3);
    pair.close_end(0);
    CHECK(events_of(pair.ends[1], kAll) == (kAll | POLLHUP));
    CHECK(recv(pair.ends[1], bytes, 16, 0) == 3 && recv(pair.ends[1], bytes, 16, 0) == 0);
    CHECK_FAILS(send(pair.ends[1], "x", 1, MSG_NOSIGNAL), EPIPE);
    Pair unread(type);
    CHECK(send(unread.ends[0], "lost", 4, 0) == 4);
    unread.close_end(1);
    CHECK((events_of(unread.ends[0], kAll) & POLLERR) != 0);
    CHECK_FAILS(recv(unread.ends[0], bytes, 16, 0), ECONNRESET);
    CHECK(recv(unread.ends[0], bytes, 16, 0) == 0);
  }
  Pair datagrams(SOCK_DGRAM);
  char bytes[16];
  CHECK(send(datagrams.ends[0], "bye", 3, 0) == 3);
  datagrams.close_end(0);
  CHECK(recv(datagrams.ends[1], bytes, 16, 0) == 3);
  CHECK_FAILS(recv(datagrams.ends[1], bytes, 16, MSG_DONTWAIT), EAGAIN);
  CHECK_FAILS(send(datagrams.ends[1], "x", 1, MSG_NOSIGNAL), ECONNREFUSED);
  CHECK_FAILS(send(datagrams.ends[1], "x", 1, MSG_NOSIGNAL), ENOTCONN);
  passed("ends that are gone");
}

void full() {
  Pair stream(SOCK_STREAM | SOCK_NONBLOCK);
  std::string block(4096, 'b');
  while (send(stream.ends[0], block.data(), block.size(), 0) > 0) continue;
  CHECK(errno == EAGAIN && events_of(stream.ends[0], POLLOUT) == 0);
  while (recv(stream.ends[1], block.data(), block.size(), 0) > 0) continue;
  CHECK(errno == EAGAIN && events_of(stream.ends[0], POLLOUT) == POLLOUT);
  Pair datagrams(SOCK_DGRAM | SOCK_NONBLOCK);
  while (send(datagrams.ends[0], block.data(), block.size(), 0) > 0) continue;
  CHECK(errno == EAGAIN && events_of(datagrams.ends[0], POLLOUT) == 0);
  while (recv(datagrams.ends[1], block.data(), block.size(), 0) > 0) continue;
  CHECK(errno == EAGAIN && events_of(datagrams.ends[0], POLLOUT) == POLLOUT);
  std::string huge(1 << 20, 'h');
  CHECK_FAILS(send(datagrams.ends[0], huge.data(), huge.size(), 0), EMSGSIZE);
  passed("full queues");
}

void named_datagrams() {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, "\0mayfly-dgram", 13);
  socklen_t size = offsetof(sockaddr_un, sun_path) + 13;
  auto* address = reinterpret_cast<sockaddr*>(&to);
  int server = new_socket(AF_UNIX, SOCK_DGRAM);
  CHECK(bind(server, address, size) == 0);
  int client = new_socket(AF_UNIX, SOCK_DGRAM);
  CHECK_FAILS(send(client, "x", 1, 0), ENOTCONN);
  CHECK(sendto(client, "unnamed", 7, 0, address, size) == 7);
  char bytes[16];
  sockaddr_un from{};
  socklen_t from_size = sizeof from;
  CHECK(recvfrom(server, bytes, 16, 0, reinterpret_cast<sockaddr*>(&from), &from_size) == 7 && from_size <= 2);
  CHECK(connect(client, address, size) == 0 && send(client, "hello", 5, 0) == 5 && recv(server, bytes, 16, 0) == 5);
  int second = new_socket(AF_UNIX, SOCK_DGRAM);
  CHECK(connect(server, address, size) == 0);  // to itself: now it takes nothing from others
  CHECK_FAILS(sendto(second, "x", 1, 0, address, size), EPERM);
  CHECK(close(server) == 0);
  CHECK_FAILS(sendto(second, "x", 1, 0, address, size), ECONNREFUSED);
  CHECK_FAILS(send(client, "x", 1, 0), ECONNREFUSED);
  CHECK(close(client) == 0 && close(second) == 0);
  passed("named datagrams");
}

volatile sig_atomic_t broken = 0;

void sigpipe() {
  struct sigaction action {};
  action.sa_handler = [](int) { broken = broken + 1; };
  CHECK(sigaction(SIGPIPE, &action, nullptr) == 0);
  for (int type : {SOCK_STREAM, SOCK_SEQPACKET}) {
    Pair pair(type);
    pair.close_end(0);
    broken = 0;
    CHECK_FAILS(write(pair.ends[1], "x", 1), EPIPE);
    std::printf("type %d: %d SIGPIPE\n", type, static_cast<int>(broken));
    broken = 0;
    CHECK_FAILS(send(pair.ends[1], "x", 1, MSG_NOSIGNAL), EPIPE);
    CHECK(broken == 0);
  }
}

}  // namespace

int main() {
  packets();
  streams();
  ends_gone();
  full();
  named_datagrams();
  sigpipe();
}
