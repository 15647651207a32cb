// Names of unix sockets: paths, abstract and automatic ones, errors.
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <thread>

#include "check.h"

namespace {

constexpr char kPath[] = "/tmp/mayfly-unix-name";

struct Name {
  sockaddr_un address{};
  socklen_t size = sizeof address;
  explicit Name(std::string_view text = {}) {
    address.sun_family = AF_UNIX;
    CHECK(text.size() <= sizeof address.sun_path);
    std::memcpy(address.sun_path, text.data(), text.size());
    size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + text.size());
  }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&address); }
};

int new_socket(int type) {
  int fd = socket(AF_UNIX, type, 0);
  CHECK(fd >= 0);
  return fd;
}
int bind_to(int fd, Name name) {
  return bind(fd, name.get(), name.size);
}
int connect_to(int fd, Name name) {
  return connect(fd, name.get(), name.size);
}
std::string shown(const Name& name) {
  std::string text(name.address.sun_path, name.size - offsetof(sockaddr_un, sun_path));
  for (char& each : text) {
    if (each == '\0') each = '@';
  }
  return text;
}
std::string own_name(int fd) {
  Name name;
  name.size = sizeof name.address;
  CHECK(getsockname(fd, name.get(), &name.size) == 0 && name.address.sun_family == AF_UNIX);
  return shown(name);
}
std::string peer_name(int fd) {
  Name name;
  name.size = sizeof name.address;
  CHECK(getpeername(fd, name.get(), &name.size) == 0);
  return shown(name);
}

void paths() {
  unlink(kPath);
  int server = new_socket(SOCK_STREAM);
  CHECK(own_name(server).empty() && bind_to(server, Name(kPath)) == 0);
  CHECK(own_name(server) == std::string(kPath) + "@");
  struct stat status {};
  CHECK(stat(kPath, &status) == 0 && S_ISSOCK(status.st_mode));
  std::printf("mode %o\n", status.st_mode & 07777);
  int other = new_socket(SOCK_STREAM);
  CHECK_FAILS(bind_to(other, Name(kPath)), EADDRINUSE);
  CHECK_FAILS(bind_to(server, Name("/tmp/mayfly-unix-second")), EINVAL);
  CHECK_FAILS(connect_to(other, Name(kPath)), ECONNREFUSED);  // nobody listens
  CHECK(listen(server, 4) == 0 && connect_to(other, Name(kPath)) == 0);
  CHECK(peer_name(other) == std::string(kPath) + "@" && own_name(other).empty());
  Name peer;
  peer.size = sizeof peer.address;
  int accepted = accept(server, peer.get(), &peer.size);
  CHECK(accepted >= 0 && peer.size == sizeof(sa_family_t));
  CHECK(own_name(accepted) == std::string(kPath) + "@" && peer_name(accepted).empty());
  CHECK_FAILS(connect_to(other, Name(kPath)), EISCONN);
  CHECK_FAILS(open(kPath, O_RDWR), ENXIO);
  CHECK(close(server) == 0 && stat(kPath, &status) == 0);  // the file outlives its socket
  int late = new_socket(SOCK_STREAM);
  CHECK_FAILS(connect_to(late, Name(kPath)), ECONNREFUSED);
  CHECK_FAILS(bind_to(late, Name(kPath)), EADDRINUSE);
  CHECK(unlink(kPath) == 0);
  CHECK_FAILS(connect_to(late, Name(kPath)), ENOENT);
  for (int each : {other, accepted, late}) CHECK(close(each) == 0);
  passed("paths");
}

void wrong_paths() {
  int fd = new_socket(SOCK_STREAM);
  CHECK_FAILS(bind_to(fd, Name("/tmp/mayfly-nowhere/socket")), ENOENT);
  CHECK_FAILS(connect_to(fd, Name("/tmp")), ECONNREFUSED);
  Name name(kPath);
  CHECK_FAILS(bind(fd, name.get(), 1), EINVAL);
  CHECK_FAILS(bind(fd, name.get(), sizeof(sockaddr_un) + 1), EINVAL);
  CHECK_FAILS(bind(fd, reinterpret_cast<sockaddr*>(bad_address()), name.size), EFAULT);
  CHECK_FAILS(connect(fd, name.get(), sizeof(sa_family_t)), EINVAL);
  name.address.sun_family = AF_INET;
  CHECK_FAILS(bind(fd, name.get(), name.size), EINVAL);
  CHECK_FAILS(connect(fd, name.get(), name.size), EINVAL);
  CHECK_FAILS(listen(fd, 1), EINVAL);  // without a name
  std::string longest = "/tmp/" + std::string(103, 'l');
  CHECK(bind_to(fd, Name(longest)) == 0 && own_name(fd) == longest + "@" && unlink(longest.c_str()) == 0);
  CHECK(close(fd) == 0);
  passed("wrong paths");
}

void abstract() {
  std::string_view text("\0mayfly\0abstract", 16);
  int server = new_socket(SOCK_STREAM);
  CHECK(bind_to(server, Name(text)) == 0 && listen(server, 4) == 0);
  CHECK(own_name(server) == "@mayfly@abstract");
  int other = new_socket(SOCK_STREAM);
  CHECK_FAILS(bind_to(other, Name(text)), EADDRINUSE);
  CHECK_FAILS(connect_to(other, Name(text.substr(0, 7))), ECONNREFUSED);
  CHECK(connect_to(other, Name(text)) == 0 && peer_name(other) == "@mayfly@abstract");
  CHECK(close(other) == 0 && close(server) == 0);
  server = new_socket(SOCK_STREAM);
  CHECK(bind_to(server, Name(text)) == 0 && close(server) == 0);
  int automatic = new_socket(SOCK_DGRAM);
  CHECK(bind_to(automatic, Name()) == 0 && own_name(automatic).size() == 6 && own_name(automatic)[0] == '@');
  CHECK(close(automatic) == 0);
  passed("abstract and automatic names");
}

void types() {
  std::string_view text("\0mayfly-types", 13);
  int server = new_socket(SOCK_STREAM);
  int named = new_socket(SOCK_STREAM);
  CHECK(bind_to(server, Name(kPath)) == 0 && listen(server, 1) == 0 && bind_to(named, Name(text)) == 0);
  for (int type : {SOCK_DGRAM, SOCK_SEQPACKET}) {
    int fd = new_socket(type);
    CHECK_FAILS(connect_to(fd, Name(kPath)), EPROTOTYPE);
    CHECK_FAILS(connect_to(fd, Name(text)), ECONNREFUSED);  // abstract names are for each type
    CHECK(bind_to(fd, Name(text)) == 0 && close(fd) == 0);
  }
  CHECK(unlink(kPath) == 0 && close(named) == 0);
  int datagrams = new_socket(SOCK_DGRAM);
  CHECK_FAILS(listen(datagrams, 1), EOPNOTSUPP);
  CHECK_FAILS(accept(datagrams, nullptr, nullptr), EOPNOTSUPP);
  CHECK(close(datagrams) == 0 && close(server) == 0);
  passed("types");
}

void backlog() {
  std::string_view text("\0mayfly-backlog", 15);
  int server = new_socket(SOCK_STREAM);
  CHECK(bind_to(server, Name(text)) == 0 && listen(server, 0) == 0);
  int first = new_socket(SOCK_STREAM);
  CHECK(connect_to(first, Name(text)) == 0);
  int second = new_socket(SOCK_STREAM | SOCK_NONBLOCK);
  CHECK_FAILS(connect_to(second, Name(text)), EAGAIN);
  std::thread other([&] {
    int third = new_socket(SOCK_STREAM);
    CHECK(connect_to(third, Name(text)) == 0 && close(third) == 0);  // waits for room
  });
  int accepted = accept(server, nullptr, nullptr);
  CHECK(accepted >= 0 && close(accepted) == 0);
  other.join();
  timeval soon{0, 10'000};
  CHECK(fcntl(second, F_SETFL, 0) == 0 && setsockopt(second, SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon) == 0);
  CHECK_FAILS(connect_to(second, Name(text)), EAGAIN);
  CHECK(shutdown(server, SHUT_RDWR) == 0);
  CHECK_FAILS(connect_to(second, Name(text)), ECONNREFUSED);
  for (int each : {first, second, server}) CHECK(close(each) == 0);
  passed("backlog");
}

}  // namespace

int main() {
  umask(022);
  paths();
  wrong_paths();
  abstract();
  types();
  backlog();
}
