// Pipes: capacity, atomic writes, ends that are gone, wrong use.
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <csignal>

#include <string>
#include <thread>

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
  void close_reader() {
    CHECK(close(ends[0]) == 0);
    ends[0] = -1;
  }
  void close_writer() {
    CHECK(close(ends[1]) == 0);
    ends[1] = -1;
  }
  int ends[2];
};

size_t fill(int fd, size_t step) {
  std::string bytes(step, 'x');
  size_t total = 0;
  ssize_t count = 0;
  while ((count = write(fd, bytes.data(), step)) > 0) total += static_cast<size_t>(count);
  CHECK(errno == EAGAIN);
  return total;
}

void capacity() {
  Pipe pipe(O_NONBLOCK);
  CHECK(fcntl(pipe.reader(), F_GETPIPE_SZ) == 65536 && fcntl(pipe.writer(), F_GETPIPE_SZ) == 65536);
  CHECK(fill(pipe.writer(), 4096) == 65536);
  pollfd ready{pipe.writer(), POLLOUT, 0};
  CHECK(poll(&ready, 1, 0) == 0);
  CHECK_FAILS(fcntl(pipe.writer(), F_SETPIPE_SZ, 4096), EBUSY);
  CHECK(fcntl(pipe.writer(), F_SETPIPE_SZ, 100'000) == 131072);
  CHECK(poll(&ready, 1, 0) == 1 && fill(pipe.writer(), 4096) == 65536);
  std::string bytes(131072, '\0');
  CHECK(read(pipe.reader(), bytes.data(), bytes.size()) == 131072);
  CHECK(fcntl(pipe.reader(), F_SETPIPE_SZ, 1) == 4096 && fill(pipe.writer(), 1000) == 4000);
  CHECK_FAILS(fcntl(pipe.writer(), F_SETPIPE_SZ, -1), EINVAL);
  int null = open("/dev/null", O_RDWR);
  CHECK_FAILS(fcntl(null, F_GETPIPE_SZ), EBADF);
  CHECK(close(null) == 0);
  passed("capacity");
}

void atomic_writes() {
  Pipe pipe(O_NONBLOCK);
  std::string page(4096, 'p');
  for (int i = 0; i < 15; ++i) CHECK(write(pipe.writer(), page.data(), 4096) == 4096);
  CHECK(write(pipe.writer(), page.data(), 100) == 100);
  // Up to PIPE_BUF bytes go in together or not at all.
  CHECK_FAILS(write(pipe.writer(), page.data(), 4096), EAGAIN);
  pollfd ready{pipe.writer(), POLLOUT, 0};
  CHECK(poll(&ready, 1, 0) == 0);
  std::string bytes(65536, '\0');
  CHECK(read(pipe.reader(), bytes.data(), 4096) == 4096);
  CHECK(poll(&ready, 1, 0) == 1 && ready.revents == POLLOUT);
  std::string much(70'000, 'm');
  ssize_t some = write(pipe.writer(), much.data(), much.size());
  CHECK(some > 0 && some < 70'000);
  passed("up to PIPE_BUF bytes are atomic");
}

void atomic_between_threads() {
  Pipe pipe;
  auto writer = [&](char letter) {
    std::string block(1000, letter);
    for (int i = 0; i < 200; ++i) CHECK(write(pipe.writer(), block.data(), block.size()) == 1000);
  };
  std::thread first(writer, 'a');
  std::thread second(writer, 'b');
  int counts[2] = {};
  for (int i = 0; i < 400; ++i) {
    char block[1000];
    size_t got = 0;
    while (got < sizeof block) {
      ssize_t count = read(pipe.reader(), block + got, sizeof block - got);
      CHECK(count > 0);
      got += static_cast<size_t>(count);
    }
    for (char each : block) CHECK(each == block[0]);
    ++counts[block[0] - 'a'];
  }
  first.join();
  second.join();
  std::printf("blocks of two threads: %d and %d\n", counts[0], counts[1]);
}

void ends_gone() {
  Pipe no_writer;
  CHECK(write(no_writer.writer(), "last", 4) == 4);
  no_writer.close_writer();
  pollfd ready{no_writer.reader(), POLLIN, 0};
  CHECK(poll(&ready, 1, 0) == 1 && ready.revents == (POLLIN | POLLHUP));
  char bytes[8];
  CHECK(read(no_writer.reader(), bytes, 8) == 4 && read(no_writer.reader(), bytes, 8) == 0);
  CHECK(poll(&ready, 1, 0) == 1 && ready.revents == POLLHUP);
  Pipe no_reader;
  no_reader.close_reader();
  CHECK_FAILS(write(no_reader.writer(), "x", 1), EPIPE);
  ready = {no_reader.writer(), POLLOUT, 0};
  CHECK(poll(&ready, 1, 0) == 1 && ready.revents == (POLLOUT | POLLERR));
  passed("an end that is gone");
}

volatile sig_atomic_t broken = 0;

void sigpipe() {
  struct sigaction action {};
  action.sa_handler = [](int) { broken = broken + 1; };
  CHECK(sigaction(SIGPIPE, &action, nullptr) == 0);
  Pipe pipe;
  pipe.close_reader();
  CHECK_FAILS(write(pipe.writer(), "x", 1), EPIPE);
  CHECK(broken == 1);
  CHECK(write(pipe.writer(), "x", 0) == 0 && broken == 1);
  signal(SIGPIPE, SIG_IGN);
  passed("SIGPIPE");
}

void wake_up_by_closing() {
  Pipe reading;
  std::thread closer([&] { reading.close_writer(); });
  char byte = 0;
  CHECK(read(reading.reader(), &byte, 1) == 0);
  closer.join();
  Pipe writing(O_NONBLOCK);
  fill(writing.writer(), 4096);
  CHECK(fcntl(writing.writer(), F_SETFL, 0) == 0);
  closer = std::thread([&] { writing.close_reader(); });
  CHECK_FAILS(write(writing.writer(), "x", 1), EPIPE);
  closer.join();
  passed("woken when the other end goes");
}

void wrong_use() {
  Pipe pipe;
  char byte = 0;
  CHECK_FAILS(read(pipe.writer(), &byte, 1), EBADF);
  CHECK_FAILS(write(pipe.reader(), &byte, 1), EBADF);
  CHECK_FAILS(lseek(pipe.reader(), 0, SEEK_SET), ESPIPE);
  CHECK_FAILS(pread(pipe.reader(), &byte, 1, 0), ESPIPE);
  CHECK_FAILS(pwrite(pipe.writer(), &byte, 1, 0), ESPIPE);
  CHECK_FAILS(ftruncate(pipe.writer(), 0), EINVAL);
  CHECK_FAILS(fsync(pipe.writer()), EINVAL);
  CHECK(write(pipe.writer(), "x", 1) == 1);
  CHECK_FAILS(read(pipe.reader(), bad_address(), 1), EFAULT);
  CHECK(read(pipe.reader(), &byte, 1) == 1 && byte == 'x');
  CHECK_FAILS(write(pipe.writer(), bad_address(), 1), EFAULT);
  CHECK(read(pipe.reader(), &byte, 0) == 0);
  CHECK_FAILS(::pipe(bad_address<int>()), EFAULT);
  int ends[2];
  CHECK_FAILS(pipe2(ends, O_APPEND), EINVAL);
  struct stat first {};
  struct stat second {};
  CHECK(fstat(pipe.reader(), &first) == 0 && fstat(pipe.writer(), &second) == 0);
  CHECK(S_ISFIFO(first.st_mode) && first.st_ino == second.st_ino && first.st_size == 0);
  passed("wrong use of pipes");
}

}  // namespace

int main() {
  signal(SIGPIPE, SIG_IGN);
  capacity();
  atomic_writes();
  atomic_between_threads();
  ends_gone();
  sigpipe();
  wake_up_by_closing();
  wrong_use();
}
