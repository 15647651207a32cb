// Pipes with names.
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <csignal>

#include <thread>

#include "check.h"

namespace {

constexpr char kPath[] = "/tmp/mayfly-fifo";

void names() {
  CHECK(mkfifo(kPath, 0640) == 0);
  struct stat status {};
  CHECK(stat(kPath, &status) == 0 && S_ISFIFO(status.st_mode) && (status.st_mode & 07777) == 0640);
  CHECK_FAILS(mkfifo(kPath, 0600), EEXIST);
  CHECK_FAILS(mkfifo("/tmp/mayfly-nowhere/fifo", 0600), ENOENT);
  CHECK_FAILS(mknod("/tmp/mayfly-odd", S_IFDIR | 0700, 0), EPERM);
  CHECK_FAILS(mknod("/tmp/mayfly-odd", S_IFLNK | 0700, 0), EINVAL);
  CHECK_FAILS(open(kPath, O_RDONLY | O_DIRECTORY), ENOTDIR);
  CHECK(mknod("/tmp/mayfly-plain", S_IFREG | 0600, 0) == 0);
  CHECK(stat("/tmp/mayfly-plain", &status) == 0 && S_ISREG(status.st_mode) && unlink("/tmp/mayfly-plain") == 0);
  passed("made and found");
}

void without_blocking() {
  CHECK_FAILS(open(kPath, O_WRONLY | O_NONBLOCK), ENXIO);
  int reader = open(kPath, O_RDONLY | O_NONBLOCK);
  char bytes[8];
  CHECK(reader >= 0 && read(reader, bytes, 8) == 0);
  pollfd ready{reader, POLLIN, 0};
  CHECK(poll(&ready, 1, 0) == 0);  // no writer so far: no hang-up either
  int writer = open(kPath, O_WRONLY | O_NONBLOCK);
  CHECK(writer >= 0);
  CHECK_FAILS(read(reader, bytes, 8), EAGAIN);
  CHECK(write(writer, "abc", 3) == 3 && read(reader, bytes, 8) == 3);
  struct stat a {};
  struct stat b {};
  CHECK(fstat(reader, &a) == 0 && stat(kPath, &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev);
  CHECK(S_ISFIFO(a.st_mode));
  int second = open(kPath, O_WRONLY);
  CHECK(close(writer) == 0 && poll(&ready, 1, 0) == 0);
  CHECK(write(second, "d", 1) == 1 && close(second) == 0);
  CHECK(poll(&ready, 1, 0) == 1 && ready.revents == (POLLIN | POLLHUP));
  CHECK(read(reader, bytes, 8) == 1 && read(reader, bytes, 8) == 0);
  second = open(kPath, O_WRONLY);
  CHECK(second >= 0 && poll(&ready, 1, 0) == 0);  // a new writer ends the hang-up
  CHECK(close(reader) == 0);
  CHECK_FAILS(write(second, "x", 1), EPIPE);
  CHECK(close(second) == 0);
  passed("opened without blocking");
}

void rendezvous() {
  std::thread other([] {
    int writer = open(kPath, O_WRONLY);  // waits for the reader
    CHECK(writer >= 0 && write(writer, "hello", 5) == 5 && close(writer) == 0);
  });
  int reader = open(kPath, O_RDONLY);
  char bytes[8];
  CHECK(reader >= 0 && read(reader, bytes, 8) == 5 && read(reader, bytes, 8) == 0);
  other.join();
  CHECK(close(reader) == 0);
  passed("reader and writer meet");
}

void both_ways() {
  int both = open(kPath, O_RDWR);
  char bytes[8];
  CHECK(both >= 0 && write(both, "loop", 4) == 4 && read(both, bytes, 8) == 4);
  pollfd ready{both, POLLIN | POLLOUT, 0};
  CHECK(poll(&ready, 1, 0) == 1 && ready.revents == POLLOUT);
  int writer = open(kPath, O_WRONLY | O_NONBLOCK);
  CHECK(writer >= 0 && write(writer, "w", 1) == 1 && close(writer) == 0);
  CHECK(close(both) == 0);
  both = open(kPath, O_RDWR | O_NONBLOCK);
  CHECK_FAILS(read(both, bytes, 8), EAGAIN);  // what nobody took is gone with the last end
  CHECK(close(both) == 0);
  passed("opened for both");
}

volatile sig_atomic_t alarms = 0;

void interrupted() {
  struct sigaction action {};
  action.sa_handler = [](int) { alarms = alarms + 1; };
  CHECK(sigaction(SIGALRM, &action, nullptr) == 0);
  ualarm(20'000, 0);
  CHECK_FAILS(open(kPath, O_RDONLY), EINTR);
  CHECK(alarms == 1);
  CHECK_FAILS(open(kPath, O_WRONLY | O_NONBLOCK), ENXIO);
  passed("opening ends by a signal");
}

}  // namespace

int main() {
  signal(SIGPIPE, SIG_IGN);
  umask(0);
  unlink(kPath);
  names();
  without_blocking();
  rendezvous();
  both_ways();
  interrupted();
  CHECK(unlink(kPath) == 0);
}
