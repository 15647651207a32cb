// Socket pairs and AF_UNIX servers within the program.
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <string>
#include <thread>

#include "check.h"

namespace {

void stream_pair() {
  int ends[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  CHECK(send(ends[0], "ping", 4, 0) == 4);
  char buffer[16] = {};
  CHECK(recv(ends[1], buffer, sizeof buffer, MSG_PEEK) == 4 && recv(ends[1], buffer, sizeof buffer, 0) == 4);
  CHECK(std::string(buffer) == "ping");
  CHECK(recv(ends[1], buffer, sizeof buffer, MSG_DONTWAIT) == -1 && errno == EAGAIN);
  CHECK(shutdown(ends[0], SHUT_WR) == 0);
  CHECK(recv(ends[1], buffer, sizeof buffer, 0) == 0);
  CHECK(write(ends[1], "pong", 4) == 4 && read(ends[0], buffer, 4) == 4);
  CHECK(close(ends[0]) == 0);
  CHECK(send(ends[1], "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
  CHECK(close(ends[1]) == 0);
  passed("stream pair");
}

void blocking_reader() {
  int ends[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  std::thread reader([&] {
    char buffer[4096];
    size_t total = 0;
    ssize_t count = 0;
    while ((count = recv(ends[1], buffer, sizeof buffer, 0)) > 0) total += static_cast<size_t>(count);
    std::printf("reader got %zu bytes\n", total);
  });
  std::string block(50'000, 'b');
  for (int i = 0; i < 10; ++i) {
    size_t sent = 0;
    while (sent < block.size()) {
      ssize_t count = send(ends[0], block.data() + sent, block.size() - sent, 0);
      CHECK(count > 0);
      sent += static_cast<size_t>(count);
    }
  }
  CHECK(close(ends[0]) == 0);
  reader.join();
  CHECK(close(ends[1]) == 0);
}

void named_server() {
  char directory[] = "/tmp/mayfly-unix-XXXXXX";
  CHECK(mkdtemp(directory) != nullptr);
  std::string path = std::string(directory) + "/socket";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  CHECK(path.size() < sizeof address.sun_path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  int server = socket(AF_UNIX, SOCK_STREAM, 0);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  CHECK(bind(server, generic, sizeof address) == 0 && listen(server, 8) == 0);
  std::thread client([&] {
    for (int i = 0; i < 20; ++i) {
      int fd = socket(AF_UNIX, SOCK_STREAM, 0);
      CHECK(connect(fd, generic, sizeof address) == 0);
      CHECK(write(fd, "q", 1) == 1);
      char answer = 0;
      CHECK(read(fd, &answer, 1) == 1 && answer == 'a');
      CHECK(close(fd) == 0);
    }
  });
  for (int i = 0; i < 20; ++i) {
    int fd = accept4(server, nullptr, nullptr, SOCK_CLOEXEC);
    char question = 0;
    CHECK(fd >= 0 && read(fd, &question, 1) == 1 && question == 'q' && write(fd, "a", 1) == 1);
    CHECK(close(fd) == 0);
  }
  client.join();
  CHECK(close(server) == 0);
  int late = socket(AF_UNIX, SOCK_STREAM, 0);
  CHECK(connect(late, generic, sizeof address) == -1 && errno == ECONNREFUSED);
  CHECK(close(late) == 0 && unlink(path.c_str()) == 0 && rmdir(directory) == 0);
  passed("named server");
}

}  // namespace

int main() {
  stream_pair();
  blocking_reader();
  named_server();
}
