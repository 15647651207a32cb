// flock: locks of descriptions on whole files.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "check.h"

namespace {

constexpr char kPath[] = "/tmp/mayfly-flocks";

int open_file() {
  int fd = open(kPath, O_RDWR | O_CREAT, 0600);
  CHECK(fd >= 0);
  return fd;
}

void exclusive_and_shared() {
  int a = open_file();
  int b = open_file();
  CHECK(flock(a, LOCK_EX) == 0);
  CHECK_FAILS(flock(b, LOCK_EX | LOCK_NB), EWOULDBLOCK);
  CHECK_FAILS(flock(b, LOCK_SH | LOCK_NB), EWOULDBLOCK);
  CHECK(flock(a, LOCK_EX | LOCK_NB) == 0);
  CHECK(flock(a, LOCK_SH) == 0 && flock(b, LOCK_SH | LOCK_NB) == 0);
  CHECK_FAILS(flock(a, LOCK_EX | LOCK_NB), EWOULDBLOCK);
  CHECK(flock(b, LOCK_UN) == 0 && flock(b, LOCK_UN) == 0);
  CHECK(flock(b, LOCK_EX | LOCK_NB) == 0);  // a lost its lock when it could not be made stronger
  CHECK(close(a) == 0 && close(b) == 0);
  passed("exclusive and shared");
}

void given_back() {
  int a = open_file();
  int copy = dup(a);
  int b = open_file();
  CHECK(flock(a, LOCK_EX) == 0 && flock(copy, LOCK_EX | LOCK_NB) == 0);
  CHECK(close(a) == 0);
  CHECK_FAILS(flock(b, LOCK_EX | LOCK_NB), EWOULDBLOCK);
  CHECK(close(copy) == 0 && flock(b, LOCK_EX | LOCK_NB) == 0);
  struct flock range {};
  range.l_type = F_WRLCK;
  a = open_file();
  CHECK(fcntl(a, F_SETLK, &range) == 0);  // fcntl's locks are of another world
  CHECK(close(a) == 0 && close(b) == 0);
  passed("given back with the last descriptor");
}

void waiting() {
  int a = open_file();
  int b = open_file();
  CHECK(flock(a, LOCK_EX) == 0);
  std::atomic<bool> locked = false;
  std::thread other([&] {
    CHECK(flock(b, LOCK_EX) == 0);
    locked = true;
  });
  for (int i = 0; i < 20; ++i) std::this_thread::yield();
  CHECK(!locked && flock(a, LOCK_UN) == 0);
  other.join();
  CHECK_FAILS(flock(a, LOCK_SH | LOCK_NB), EWOULDBLOCK);
  CHECK(close(a) == 0 && close(b) == 0);
  passed("one waits for the other");
}

void errors() {
  CHECK_FAILS(flock(999, LOCK_EX), EBADF);
  int a = open_file();
  CHECK_FAILS(flock(a, 0), EINVAL);
  CHECK_FAILS(flock(a, LOCK_EX | LOCK_SH), EINVAL);
  CHECK_FAILS(flock(a, 64), EINVAL);
  CHECK(close(a) == 0);
  passed("wrong arguments");
}

}  // namespace

int main() {
  exclusive_and_shared();
  given_back();
  waiting();
  errors();
  CHECK(unlink(kPath) == 0);
}
