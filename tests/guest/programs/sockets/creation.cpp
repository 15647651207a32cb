// socket, socketpair: which there are, flags, errors; what is no socket.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <initializer_list>

#include "sockets/inet.h"

namespace {

void kinds() {
  struct Kind {
    int family, type, protocol;
  };
  constexpr Kind kKinds[] = {{AF_INET, SOCK_STREAM, 0}, {AF_INET, SOCK_STREAM, IPPROTO_TCP}, {AF_INET6, SOCK_STREAM, 0},
                             {AF_INET, SOCK_DGRAM, 0},  {AF_INET6, SOCK_DGRAM, IPPROTO_UDP}, {AF_UNIX, SOCK_STREAM, 0},
                             {AF_UNIX, SOCK_DGRAM, 0},  {AF_UNIX, SOCK_SEQPACKET, 0}};
  for (const Kind& kind : kKinds) {
    int fd = new_socket(kind.family, kind.type | SOCK_CLOEXEC | SOCK_NONBLOCK, kind.protocol);
    CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC && fcntl(fd, F_GETFL) == (O_RDWR | O_NONBLOCK));
    CHECK(option(fd, SOL_SOCKET, SO_DOMAIN) == kind.family && option(fd, SOL_SOCKET, SO_TYPE) == kind.type);
    std::printf("%d/%d: protocol %d\n", kind.family, kind.type, option(fd, SOL_SOCKET, SO_PROTOCOL));
    CHECK(option(fd, SOL_SOCKET, SO_ACCEPTCONN) == 0 && option(fd, SOL_SOCKET, SO_ERROR) == 0);
    struct stat status {};
    CHECK(fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode) && status.st_size == 0);
    CHECK(close(fd) == 0);
  }
}

void refused() {
  CHECK_FAILS(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP), EPROTONOSUPPORT);
  CHECK_FAILS(socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP), EPROTONOSUPPORT);
  CHECK_FAILS(socket(AF_INET, SOCK_SEQPACKET, 0), ESOCKTNOSUPPORT);
  CHECK_FAILS(socket(AF_UNIX, SOCK_RDM, 0), ESOCKTNOSUPPORT);
  CHECK_FAILS(socket(AF_UNIX, SOCK_STREAM, 5), EPROTONOSUPPORT);
  CHECK_FAILS(socket(-1, SOCK_STREAM, 0), EAFNOSUPPORT);
  CHECK_FAILS(socket(99, SOCK_STREAM, 0), EAFNOSUPPORT);
  CHECK_FAILS(socket(AF_INET, 11, 0), EINVAL);
  CHECK_FAILS(socket(AF_INET, SOCK_STREAM | 0x100, 0), EINVAL);
  CHECK_FAILS(socket(AF_INET, SOCK_STREAM, -1), EINVAL);
  CHECK_FAILS(socket(AF_INET, SOCK_STREAM, 5000), EINVAL);
  passed("what there is not");
}

void pairs() {
  int pair[2];
  CHECK_FAILS(socketpair(AF_INET, SOCK_STREAM, 0, pair), EOPNOTSUPP);
  CHECK_FAILS(socketpair(AF_UNIX, SOCK_STREAM, 0, bad_address<int>()), EFAULT);
  CHECK_FAILS(socketpair(AF_UNIX, SOCK_RDM, 0, pair), ESOCKTNOSUPPORT);
  for (int type : {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET}) {
    CHECK(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) == 0);
    CHECK(fcntl(pair[0], F_GETFD) == FD_CLOEXEC && fcntl(pair[1], F_GETFD) == FD_CLOEXEC);
    CHECK(write(pair[0], "there", 5) == 5 && write(pair[1], "back", 4) == 4);
    char bytes[8];
    CHECK(read(pair[1], bytes, 8) == 5 && read(pair[0], bytes, 8) == 4);
    sockaddr_un name{};
    socklen_t size = sizeof name;
    CHECK(getsockname(pair[0], reinterpret_cast<sockaddr*>(&name), &size) == 0 && size == sizeof(sa_family_t));
    size = sizeof name;
    CHECK(getpeername(pair[0], reinterpret_cast<sockaddr*>(&name), &size) == 0 && size == sizeof(sa_family_t));
    CHECK(name.sun_family == AF_UNIX);
    CHECK(close(pair[0]) == 0 && close(pair[1]) == 0);
  }
  passed("pairs");
}

void no_socket() {
  int ends[2];
  CHECK(pipe(ends) == 0);
  sockaddr_in address = v4(1);
  auto* name = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  char byte = 0;
  int value = 0;
  msghdr message{};
  for (int fd : {999, ends[0]}) {
    int error = fd == 999 ? EBADF : ENOTSOCK;
    CHECK_FAILS(bind(fd, name, size), error);
    CHECK_FAILS(connect(fd, name, size), error);
    CHECK_FAILS(listen(fd, 1), error);
    CHECK_FAILS(accept(fd, nullptr, nullptr), error);
    CHECK_FAILS(getsockname(fd, name, &size), error);
    CHECK_FAILS(getpeername(fd, name, &size), error);
    CHECK_FAILS(send(fd, &byte, 1, 0), error);
    CHECK_FAILS(recv(fd, &byte, 1, 0), error);
    CHECK_FAILS(sendmsg(fd, &message, 0), error);
    CHECK_FAILS(recvmsg(fd, &message, 0), error);
    CHECK_FAILS(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, sizeof value), error);
    CHECK_FAILS(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &size), error);
    CHECK_FAILS(shutdown(fd, SHUT_RD), error);
  }
  CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
  passed("what is no socket");
}

void as_files() {
  int fd = new_socket(AF_INET, SOCK_STREAM);
  char byte = 0;
  CHECK_FAILS(lseek(fd, 0, SEEK_SET), ESPIPE);
  CHECK_FAILS(pread(fd, &byte, 1, 0), ESPIPE);
  CHECK_FAILS(pwrite(fd, &byte, 1, 0), ESPIPE);
  CHECK_FAILS(ftruncate(fd, 0), EINVAL);
  CHECK_FAILS(fsync(fd), EINVAL);
  CHECK(close(fd) == 0);
  passed("sockets as files");
}

}  // namespace

int main() {
  kinds();
  refused();
  pairs();
  no_socket();
  as_files();
}
