// Locks of fcntl: those of the process never stand in its own way, those of descriptions do.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "check.h"

namespace {

constexpr char kPath[] = "/tmp/mayfly-record-locks";

struct flock range(int type, off_t start, off_t length, int whence = SEEK_SET) {
  struct flock lock {};
  lock.l_type = static_cast<short>(type);
  lock.l_whence = static_cast<short>(whence);
  lock.l_start = start;
  lock.l_len = length;
  return lock;
}

int set(int fd, int command, int type, off_t start, off_t length, int whence = SEEK_SET) {
  struct flock lock = range(type, start, length, whence);
  return fcntl(fd, command, &lock);
}

/// What stands in the way of such a lock of a description.
struct flock conflict(int fd, int type, off_t start, off_t length, int command = F_OFD_GETLK) {
  struct flock lock = range(type, start, length);
  CHECK(fcntl(fd, command, &lock) == 0);
  return lock;
}

int open_file(int flags = O_RDWR) {
  int fd = open(kPath, flags | O_CREAT, 0600);
  CHECK(fd >= 0);
  return fd;
}

void locks_of_the_process() {
  int a = open_file();
  int b = open_file();
  CHECK(set(a, F_SETLK, F_WRLCK, 0, 10) == 0);
  CHECK(set(b, F_SETLK, F_WRLCK, 5, 10) == 0);
  CHECK(conflict(b, F_WRLCK, 0, 0, F_GETLK).l_type == F_UNLCK);
  CHECK(set(b, F_SETLKW, F_RDLCK, 0, 0) == 0);
  CHECK(set(a, F_SETLK, F_UNLCK, 0, 0) == 0);
  CHECK(close(a) == 0 && close(b) == 0);
  passed("the process does not lock itself out");
}

void locks_of_descriptions() {
  int a = open_file();
  int b = open_file();
  CHECK(set(a, F_OFD_SETLK, F_WRLCK, 10, 10) == 0);
  CHECK_FAILS(set(b, F_OFD_SETLK, F_WRLCK, 19, 1), EAGAIN);
  CHECK_FAILS(set(b, F_OFD_SETLK, F_RDLCK, 0, 0), EAGAIN);
  CHECK(set(b, F_OFD_SETLK, F_WRLCK, 20, 1) == 0 && set(b, F_OFD_SETLK, F_RDLCK, 0, 10) == 0);
  struct flock found = conflict(b, F_RDLCK, 0, 0);
  CHECK(found.l_type == F_WRLCK && found.l_start == 10 && found.l_len == 10 && found.l_pid == -1);
  CHECK(found.l_whence == SEEK_SET);
  CHECK(conflict(b, F_WRLCK, 30, 5).l_type == F_UNLCK);
  CHECK(set(a, F_OFD_SETLK, F_RDLCK, 10, 10) == 0);  // made weaker
  CHECK(set(b, F_OFD_SETLK, F_RDLCK, 10, 10) == 0);
  CHECK_FAILS(set(a, F_OFD_SETLK, F_WRLCK, 12, 1), EAGAIN);
  CHECK(close(a) == 0 && close(b) == 0);
  passed("descriptions lock each other out");
}

void ranges() {
  int a = open_file();
  int b = open_file();
  CHECK(set(a, F_OFD_SETLK, F_WRLCK, 0, 100) == 0);
  CHECK(set(a, F_OFD_SETLK, F_UNLCK, 40, 20) == 0);  // a hole in the middle
  CHECK(set(b, F_OFD_SETLK, F_WRLCK, 40, 20) == 0);
  struct flock found = conflict(b, F_WRLCK, 0, 200);
  CHECK(found.l_start == 0 && found.l_len == 40);
  found = conflict(b, F_WRLCK, 50, 200);
  CHECK(found.l_start == 60 && found.l_len == 40);
  CHECK(set(b, F_OFD_SETLK, F_UNLCK, 0, 0) == 0);
  CHECK(set(a, F_OFD_SETLK, F_WRLCK, 40, 20) == 0);  // joins its neighbours
  found = conflict(b, F_WRLCK, 0, 0);
  CHECK(found.l_start == 0 && found.l_len == 100);
  CHECK(set(a, F_OFD_SETLK, F_RDLCK, 90, 0) == 0);  // to the end of the file, whatever that is
  found = conflict(b, F_WRLCK, 5000, 1);
  CHECK(found.l_type == F_RDLCK && found.l_start == 90 && found.l_len == 0);
  CHECK(set(a, F_OFD_SETLK, F_UNLCK, 0, 0) == 0);
  CHECK(set(a, F_OFD_SETLK, F_WRLCK, 50, -10) == 0);  // what lies before the start
  found = conflict(b, F_WRLCK, 0, 0);
  CHECK(found.l_start == 40 && found.l_len == 10);
  CHECK(ftruncate(a, 1000) == 0 && lseek(a, 300, SEEK_SET) == 300);
  CHECK(set(a, F_OFD_SETLK, F_UNLCK, 0, 0) == 0);
  CHECK(set(a, F_OFD_SETLK, F_WRLCK, -100, 10, SEEK_CUR) == 0);
  CHECK(conflict(b, F_WRLCK, 0, 0).l_start == 200);
  CHECK(set(a, F_OFD_SETLK, F_UNLCK, 0, 0) == 0);
  CHECK(set(a, F_OFD_SETLK, F_WRLCK, -100, 0, SEEK_END) == 0);
  CHECK(conflict(b, F_WRLCK, 0, 0).l_start == 900);
  CHECK(close(a) == 0 && close(b) == 0);
  passed("ranges split, join and count from anywhere");
}

void both_kinds() {
  int a = open_file();
  int b = open_file();
  CHECK(set(a, F_SETLK, F_WRLCK, 0, 1) == 0);
  CHECK_FAILS(set(b, F_OFD_SETLK, F_RDLCK, 0, 1), EAGAIN);
  CHECK_FAILS(set(a, F_OFD_SETLK, F_RDLCK, 0, 1), EAGAIN);
  struct flock found = conflict(b, F_RDLCK, 0, 1);
  CHECK(found.l_type == F_WRLCK && found.l_pid == getpid());
  int other = dup(b);
  CHECK(close(other) == 0);  // any descriptor of the file: the locks of the process are gone
  CHECK(set(b, F_OFD_SETLK, F_WRLCK, 0, 1) == 0);
  CHECK_FAILS(set(a, F_SETLK, F_RDLCK, 0, 1), EAGAIN);
  CHECK(conflict(a, F_RDLCK, 0, 1, F_GETLK).l_pid == -1);
  other = dup(b);
  CHECK(close(b) == 0);
  CHECK_FAILS(set(a, F_OFD_SETLK, F_RDLCK, 0, 1), EAGAIN);
  CHECK(close(other) == 0);  // the last one of the description
  CHECK(set(a, F_OFD_SETLK, F_WRLCK, 0, 1) == 0);
  CHECK(close(a) == 0);
  passed("who gives which locks back when");
}

void waiting() {
  int a = open_file();
  int b = open_file();
  CHECK(set(a, F_OFD_SETLK, F_WRLCK, 0, 1) == 0);
  std::atomic<bool> locked = false;
  std::thread other([&] {
    CHECK(set(b, F_OFD_SETLKW, F_WRLCK, 0, 1) == 0);
    locked = true;
  });
  for (int i = 0; i < 20; ++i) std::this_thread::yield();
  CHECK(!locked);
  CHECK(set(a, F_OFD_SETLK, F_UNLCK, 0, 1) == 0);
  other.join();
  CHECK_FAILS(set(a, F_OFD_SETLK, F_RDLCK, 0, 1), EAGAIN);
  CHECK(close(a) == 0 && close(b) == 0);
  passed("one waits for the other");
}

void errors() {
  int reader = open_file(O_RDONLY);
  int writer = open_file(O_WRONLY);
  CHECK_FAILS(set(reader, F_SETLK, F_WRLCK, 0, 1), EBADF);
  CHECK_FAILS(set(writer, F_SETLK, F_RDLCK, 0, 1), EBADF);
  CHECK(set(reader, F_SETLK, F_RDLCK, 0, 1) == 0);
  CHECK_FAILS(set(999, F_SETLK, F_RDLCK, 0, 1), EBADF);
  CHECK_FAILS(set(reader, F_SETLK, 17, 0, 1), EINVAL);
  CHECK_FAILS(set(reader, F_SETLK, F_RDLCK, 0, 1, 9), EINVAL);
  CHECK_FAILS(set(reader, F_SETLK, F_RDLCK, -1, 1), EINVAL);
  CHECK_FAILS(set(reader, F_SETLK, F_RDLCK, 5, -6), EINVAL);
  CHECK_FAILS(set(reader, F_SETLK, F_RDLCK, 0x7fff'ffff'ffff'fff0, 0x100), EOVERFLOW);
  CHECK_FAILS(fcntl(reader, F_SETLK, bad_address()), EFAULT);
  CHECK_FAILS(fcntl(reader, F_GETLK, bad_address()), EFAULT);
  struct flock lock = range(F_UNLCK, 0, 1);
  CHECK_FAILS(fcntl(reader, F_GETLK, &lock), EINVAL);
  lock = range(F_RDLCK, 0, 1);
  lock.l_pid = 1;
  CHECK_FAILS(fcntl(reader, F_OFD_SETLK, &lock), EINVAL);
  CHECK(close(reader) == 0 && close(writer) == 0);
  passed("wrong arguments");
}

}  // namespace

int main() {
  locks_of_the_process();
  locks_of_descriptions();
  ranges();
  both_kinds();
  waiting();
  errors();
  CHECK(unlink(kPath) == 0);
}
