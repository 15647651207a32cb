// Connected TCP sockets: flags of send and recv, halves that are shut, resets, time limits.
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <csignal>

#include <string>
#include <thread>

#include "sockets/inet.h"

namespace {

void flags() {
  Connection tcp = new_connection();
  char bytes[16] = {};
  CHECK_FAILS(recv(tcp.server, bytes, 16, MSG_DONTWAIT), EAGAIN);
  CHECK(send(tcp.client, "abcdef", 6, MSG_NOSIGNAL | MSG_MORE) == 6 && send(tcp.client, "", 0, 0) == 0);
  CHECK(events_of(tcp.server, POLLIN, 1000) == POLLIN);
  int count = 0;
  CHECK(ioctl(tcp.server, FIONREAD, &count) == 0 && count == 6);
  CHECK(ioctl(tcp.server, SIOCATMARK, &count) == 0 && count == 0);
  CHECK(recv(tcp.server, bytes, 3, MSG_PEEK) == 3 && recv(tcp.server, bytes, 16, MSG_PEEK) == 6);
  CHECK(recv(tcp.server, bytes, 2, 0) == 2 && std::memcmp(bytes, "ab", 2) == 0);
  CHECK(recv(tcp.server, nullptr, 2, MSG_TRUNC) == 2);  // thrown away
  CHECK(recv(tcp.server, bytes, 16, 0) == 2 && std::memcmp(bytes, "ef", 2) == 0);
  CHECK_FAILS(recv(tcp.server, bytes, 1, MSG_OOB), EINVAL);
  CHECK_FAILS(recv(tcp.server, bytes, 1, MSG_ERRQUEUE), EAGAIN);
  sockaddr_in ignored = v4(9);
  CHECK(sendto(tcp.client, "x", 1, 0, reinterpret_cast<sockaddr*>(&ignored), sizeof ignored) == 1);
  socklen_t size = sizeof ignored;
  CHECK(recvfrom(tcp.server, bytes, 1, 0, reinterpret_cast<sockaddr*>(&ignored), &size) == 1 && size == 0);
  CHECK_FAILS(send(tcp.client, bad_address(), 1, 0), EFAULT);
  CHECK(send(tcp.client, "y", 1, 0) == 1);
  CHECK(events_of(tcp.server, POLLIN, 1000) == POLLIN);
  CHECK_FAILS(recv(tcp.server, bad_address(), 1, 0), EFAULT);
  CHECK(recv(tcp.server, bytes, 1, 0) == 1);
  tcp.close_both();
  passed("flags");
}

void wait_for_all() {
  Connection tcp = new_connection();
  std::thread other([&] {
    for (int i = 0; i < 10; ++i) {
      CHECK(send(tcp.client, "0123456789", 10, 0) == 10);
      std::this_thread::yield();
    }
  });
  char bytes[100];
  CHECK(recv(tcp.server, bytes, 100, MSG_WAITALL) == 100);
  other.join();
  CHECK(send(tcp.client, "end", 3, 0) == 3 && shutdown(tcp.client, SHUT_WR) == 0);
  CHECK(recv(tcp.server, bytes, 100, MSG_WAITALL) == 3);
  tcp.close_both();
  passed("MSG_WAITALL");
}

void halves() {
  constexpr short kAll = POLLIN | POLLOUT | POLLRDHUP;
  Connection tcp = new_connection();
  char bytes[8];
  CHECK_FAILS(shutdown(tcp.client, 7), EINVAL);
  CHECK(send(tcp.client, "last", 4, 0) == 4 && shutdown(tcp.client, SHUT_WR) == 0);
  CHECK_FAILS(send(tcp.client, "x", 1, MSG_NOSIGNAL), EPIPE);
  CHECK(events_of(tcp.client, kAll) == POLLOUT);
  CHECK(recv(tcp.server, bytes, 8, MSG_WAITALL) == 4 && recv(tcp.server, bytes, 8, 0) == 0);
  CHECK(events_of(tcp.server, kAll) == (POLLIN | POLLOUT | POLLRDHUP));
  CHECK(send(tcp.server, "answer", 6, 0) == 6 && recv(tcp.client, bytes, 6, MSG_WAITALL) == 6);
  CHECK(shutdown(tcp.server, SHUT_WR) == 0 && recv(tcp.client, bytes, 8, 0) == 0);
  CHECK(events_of(tcp.client, kAll) == (kAll | POLLHUP) && events_of(tcp.server, kAll) == (kAll | POLLHUP));
  tcp.close_both();
  tcp = new_connection();
  CHECK(shutdown(tcp.client, SHUT_RD) == 0 && recv(tcp.client, bytes, 8, 0) == 0);
  CHECK(events_of(tcp.client, kAll) == (POLLIN | POLLOUT | POLLRDHUP));
  CHECK(send(tcp.server, "late", 4, 0) == 4);
  tcp.close_both();
  int fd = new_socket(AF_INET, SOCK_STREAM);
  CHECK_FAILS(send(fd, "x", 1, MSG_NOSIGNAL), EPIPE);
  CHECK_FAILS(recv(fd, bytes, 1, 0), ENOTCONN);
  CHECK_FAILS(shutdown(fd, SHUT_RDWR), ENOTCONN);
  CHECK(recv(fd, bytes, 1, 0) == 0);  // it was shut all the same
  CHECK(close(fd) == 0);
  passed("halves");
}

volatile sig_atomic_t broken = 0;

void gone() {
  struct sigaction action {};
  action.sa_handler = [](int) { broken = broken + 1; };
  CHECK(sigaction(SIGPIPE, &action, nullptr) == 0);
  Connection tcp = new_connection();
  CHECK(close(tcp.server) == 0);
  char byte = 0;
  CHECK(recv(tcp.client, &byte, 1, 0) == 0 && send(tcp.client, "x", 1, 0) == 1);  // answered by a reset
  CHECK((events_of(tcp.client, POLLIN, 1000) & POLLHUP) != 0 || events_of(tcp.client, POLLIN | POLLERR, 1000) != 0);
  while (send(tcp.client, "x", 1, MSG_NOSIGNAL) == 1) continue;
  CHECK(errno == EPIPE && broken == 0);
  CHECK_FAILS(send(tcp.client, "x", 1, 0), EPIPE);
  CHECK(broken == 1 && close(tcp.client) == 0);
  passed("the other side is gone");
}

void resets() {
  Connection tcp = new_connection();
  CHECK(send(tcp.client, "unread", 6, 0) == 6 && events_of(tcp.server, POLLIN, 1000) == POLLIN);
  CHECK(close(tcp.server) == 0);  // with bytes that nobody has read
  char byte = 0;
  CHECK((events_of(tcp.client, POLLIN, 1000) & (POLLERR | POLLHUP)) == (POLLERR | POLLHUP));
  CHECK_FAILS(recv(tcp.client, &byte, 1, 0), ECONNRESET);
  CHECK(recv(tcp.client, &byte, 1, 0) == 0);
  CHECK_FAILS(send(tcp.client, "x", 1, MSG_NOSIGNAL), EPIPE);
  CHECK(close(tcp.client) == 0);
  tcp = new_connection();
  linger now{1, 0};
  CHECK(setsockopt(tcp.server, SOL_SOCKET, SO_LINGER, &now, sizeof now) == 0 && close(tcp.server) == 0);
  CHECK((events_of(tcp.client, POLLIN, 1000) & POLLERR) == POLLERR);
  CHECK(option(tcp.client, SOL_SOCKET, SO_ERROR) == ECONNRESET);
  CHECK(close(tcp.client) == 0);
  passed("resets");
}

void time_limits() {
  Connection tcp = new_connection();
  timeval soon{0, 20'000};
  CHECK(setsockopt(tcp.server, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon) == 0);
  char bytes[8];
  CHECK_FAILS(recv(tcp.server, bytes, 8, 0), EAGAIN);
  CHECK(send(tcp.client, "abc", 3, 0) == 3 && recv(tcp.server, bytes, 8, MSG_WAITALL) == 3);
  CHECK(setsockopt(tcp.client, SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon) == 0);
  std::string block(1 << 20, 'b');
  int rounds = 0;
  while (send(tcp.client, block.data(), block.size(), 0) > 0) CHECK(++rounds < 100);
  CHECK(errno == EAGAIN);
  CHECK(events_of(tcp.client, POLLOUT) == 0);
  tcp.close_both();
  passed("SO_RCVTIMEO and SO_SNDTIMEO");
}

void full_and_drained() {
  Connection tcp = new_connection();
  CHECK(fcntl(tcp.client, F_SETFL, O_NONBLOCK) == 0);
  std::string block(65536, 'b');
  size_t sent = 0;
  ssize_t count = 0;
  for (int idle = 0; idle < 3;) {
    count = send(tcp.client, block.data(), block.size(), 0);
    if (count > 0) {
      sent += static_cast<size_t>(count);
      idle = 0;
    } else {
      CHECK(errno == EAGAIN && ++idle > 0);
    }
  }
  CHECK(sent > 65536);
  size_t received = 0;
  while (received < sent) {
    count = recv(tcp.server, block.data(), block.size(), 0);
    CHECK(count > 0);
    received += static_cast<size_t>(count);
  }
  CHECK(events_of(tcp.client, POLLOUT, 1000) == POLLOUT);
  tcp.close_both();
  passed("full and drained");
}

}  // namespace

int main() {
  flags();
  wait_for_all();
  halves();
  gone();
  resets();
  time_limits();
  full_and_drained();
}
