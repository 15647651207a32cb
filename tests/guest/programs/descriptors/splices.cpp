// splice, tee, vmsplice.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <initializer_list>
#include <string>

#include "check.h"

namespace {

struct Pipe {
  explicit Pipe(int flags = 0) { CHECK(pipe2(ends, flags) == 0); }
  ~Pipe() {
    close(ends[0]);
    close(ends[1]);
  }
  [[nodiscard]] int reader() const { return ends[0]; }
  [[nodiscard]] int writer() const { return ends[1]; }
  int ends[2];
};

std::string take(int fd, size_t limit = 100) {
  std::string bytes(limit, '\0');
  ssize_t count = read(fd, bytes.data(), limit);
  CHECK(count >= 0);
  bytes.resize(static_cast<size_t>(count));
  return bytes;
}

int make_file(const std::string& contents) {
  int file = open("/tmp", O_TMPFILE | O_RDWR, 0600);
  CHECK(file >= 0 && write(file, contents.data(), contents.size()) == static_cast<ssize_t>(contents.size()));
  CHECK(lseek(file, 0, SEEK_SET) == 0);
  return file;
}

void files_and_pipes() {
  Pipe pipe;
  int file = make_file("0123456789");
  CHECK(splice(file, nullptr, pipe.writer(), nullptr, 4, 0) == 4 && lseek(file, 0, SEEK_CUR) == 4);
  off_t offset = 7;
  CHECK(splice(file, &offset, pipe.writer(), nullptr, 100, 0) == 3 && offset == 10);
  CHECK(lseek(file, 0, SEEK_CUR) == 4 && take(pipe.reader()) == "0123789");
  CHECK(splice(file, &offset, pipe.writer(), nullptr, 100, 0) == 0);
  CHECK(write(pipe.writer(), "xyz", 3) == 3);
  offset = 2;
  CHECK(splice(pipe.reader(), nullptr, file, &offset, 2, 0) == 2 && offset == 4);
  CHECK(splice(pipe.reader(), nullptr, file, nullptr, 9, 0) == 1);
  CHECK(lseek(file, 0, SEEK_SET) == 0 && take(file) == "01xyz56789");
  CHECK(close(file) == 0);
  passed("between files and pipes");
}

void pipes_and_sockets() {
  Pipe from;
  Pipe to;
  CHECK(write(from.writer(), "pipes", 5) == 5);
  CHECK(splice(from.reader(), nullptr, to.writer(), nullptr, 3, 0) == 3);
  CHECK(splice(from.reader(), nullptr, to.writer(), nullptr, 100, 0) == 2 && take(to.reader()) == "pipes");
  int pair[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  CHECK(write(from.writer(), "socket", 6) == 6);
  CHECK(splice(from.reader(), nullptr, pair[0], nullptr, 100, 0) == 6);
  CHECK(splice(pair[1], nullptr, to.writer(), nullptr, 4, 0) == 4);
  CHECK(splice(pair[1], nullptr, to.writer(), nullptr, 100, 0) == 2 && take(to.reader()) == "socket");
  CHECK_FAILS(splice(pair[1], nullptr, to.writer(), nullptr, 1, SPLICE_F_NONBLOCK), EAGAIN);
  CHECK(close(pair[0]) == 0 && splice(pair[1], nullptr, to.writer(), nullptr, 1, 0) == 0);
  CHECK(close(pair[1]) == 0);
  passed("between pipes and sockets");
}

void much() {
  Pipe pipe;
  std::string contents(100'000, '\0');
  for (size_t i = 0; i < contents.size(); ++i) contents[i] = static_cast<char>(i * 7);
  int file = make_file(contents);
  int copy = make_file("");
  for (;;) {
    ssize_t count = splice(file, nullptr, pipe.writer(), nullptr, 1'000'000, 0);
    CHECK(count >= 0);
    if (count == 0) break;
    while (count > 0) {
      ssize_t moved = splice(pipe.reader(), nullptr, copy, nullptr, static_cast<size_t>(count), 0);
      CHECK(moved > 0);
      count -= moved;
    }
  }
  CHECK(lseek(copy, 0, SEEK_SET) == 0);
  std::string result;
  for (std::string part; !(part = take(copy, 8192)).empty();) result += part;
  CHECK(result == contents && close(file) == 0 && close(copy) == 0);
  std::printf("%zu bytes through a pipe\n", result.size());
}

void tees() {
  Pipe from;
  Pipe to;
  CHECK(write(from.writer(), "again", 5) == 5);
  CHECK(tee(from.reader(), to.writer(), 3, 0) == 3 && take(to.reader()) == "aga");
  CHECK(tee(from.reader(), to.writer(), 100, 0) == 5 && take(to.reader()) == "again");
  CHECK(take(from.reader()) == "again");
  CHECK_FAILS(tee(from.reader(), to.writer(), 1, SPLICE_F_NONBLOCK), EAGAIN);
  CHECK_FAILS(tee(from.reader(), from.writer(), 1, 0), EINVAL);
  CHECK_FAILS(tee(999, to.writer(), 1, 0), EBADF);
  int file = make_file("x");
  CHECK_FAILS(tee(file, to.writer(), 1, 0), EINVAL);
  CHECK(tee(from.reader(), to.writer(), 0, 0) == 0);
  CHECK(close(from.ends[1]) == 0 && tee(from.reader(), to.writer(), 1, 0) == 0);
  from.ends[1] = -1;
  CHECK(close(file) == 0);
  passed("tee");
}

void vmsplices() {
  Pipe pipe(O_NONBLOCK);
  char hello[] = "hello";
  char world[] = ", world";
  iovec parts[2] = {{hello, 5}, {world, 7}};
  CHECK(vmsplice(pipe.writer(), parts, 2, 0) == 12 && take(pipe.reader()) == "hello, world");
  CHECK(write(pipe.writer(), "bytes", 5) == 5);
  char bytes[8] = {};
  iovec into{bytes, 3};
  CHECK(vmsplice(pipe.reader(), &into, 1, 0) == 3 && std::memcmp(bytes, "byt", 3) == 0);
  CHECK(take(pipe.reader()) == "es");
  CHECK_FAILS(vmsplice(999, parts, 1, 0), EBADF);
  CHECK_FAILS(vmsplice(pipe.writer(), bad_address<iovec>(), 1, 0), EFAULT);
  int file = make_file("x");
  CHECK_FAILS(vmsplice(file, parts, 1, 0), EBADF);
  CHECK_FAILS(vmsplice(pipe.writer(), parts, 1, 0x100), EINVAL);
  CHECK(close(file) == 0);
  passed("vmsplice");
}

void errors() {
  Pipe pipe(O_NONBLOCK);
  Pipe other(O_NONBLOCK);
  int file = make_file("contents");
  off_t offset = 0;
  CHECK_FAILS(splice(file, nullptr, file, nullptr, 1, 0), EINVAL);
  CHECK_FAILS(splice(pipe.reader(), nullptr, pipe.writer(), nullptr, 1, 0), EINVAL);
  CHECK_FAILS(splice(pipe.reader(), &offset, file, nullptr, 1, 0), ESPIPE);
  CHECK_FAILS(splice(file, nullptr, pipe.writer(), &offset, 1, 0), ESPIPE);
  CHECK_FAILS(splice(999, nullptr, pipe.writer(), nullptr, 1, 0), EBADF);
  CHECK_FAILS(splice(file, nullptr, pipe.reader(), nullptr, 1, 0), EBADF);
  CHECK_FAILS(splice(file, nullptr, pipe.writer(), nullptr, 1, 0x100), EINVAL);
  CHECK_FAILS(splice(file, bad_address<off_t>(), pipe.writer(), nullptr, 1, 0), EFAULT);
  CHECK_FAILS(splice(pipe.reader(), nullptr, other.writer(), nullptr, 1, 0), EAGAIN);
  CHECK(splice(file, nullptr, pipe.writer(), nullptr, 0, 0) == 0);
  CHECK(fcntl(file, F_SETFL, O_APPEND) == 0 && write(pipe.writer(), "x", 1) == 1);
  CHECK_FAILS(splice(pipe.reader(), nullptr, file, nullptr, 1, 0), EINVAL);
  CHECK(close(file) == 0);
  passed("what splice refuses");
}

}  // namespace

int main() {
  files_and_pipes();
  pipes_and_sockets();
  much();
  tees();
  vmsplices();
  errors();
}
