// eventfd: counting, overflow, blocking, readiness, wrong use.
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <thread>

#include "check.h"

namespace {

constexpr uint64_t kMost = ~uint64_t{0} - 1;

short ready(int fd) {
  pollfd request{fd, POLLIN | POLLOUT, 0};
  CHECK(poll(&request, 1, 0) >= 0);
  return request.revents;
}

uint64_t take(int fd) {
  uint64_t value = 0;
  CHECK(read(fd, &value, sizeof value) == sizeof value);
  return value;
}

void add(int fd, uint64_t value) {
  CHECK(write(fd, &value, sizeof value) == sizeof value);
}

void overflow() {
  int fd = eventfd(0, EFD_NONBLOCK);
  CHECK(ready(fd) == POLLOUT);
  add(fd, 1);
  CHECK(ready(fd) == (POLLIN | POLLOUT));
  add(fd, kMost - 1);
  CHECK(ready(fd) == POLLIN);
  uint64_t value = 1;
  CHECK_FAILS(write(fd, &value, sizeof value), EAGAIN);
  value = ~uint64_t{0};
  CHECK_FAILS(write(fd, &value, sizeof value), EINVAL);
  value = 0;
  CHECK(write(fd, &value, sizeof value) == sizeof value);
  CHECK(take(fd) == kMost && ready(fd) == POLLOUT);
  CHECK(close(fd) == 0);
  passed("overflow");
}

void blocking() {
  int fd = eventfd(0, 0);
  add(fd, kMost);
  std::thread writer([&] { add(fd, 5); });  // waits for room
  CHECK(take(fd) == kMost);
  writer.join();
  CHECK(take(fd) == 5);
  std::thread reader([&] { CHECK(take(fd) == 9); });
  add(fd, 9);
  reader.join();
  CHECK(close(fd) == 0);
  passed("blocking");
}

void semaphore() {
  int fd = eventfd(0xffff'ffff, EFD_SEMAPHORE | EFD_NONBLOCK);
  CHECK(take(fd) == 1);
  CHECK(fcntl(fd, F_GETFL) == (O_RDWR | O_NONBLOCK));
  CHECK(close(fd) == 0);
  fd = eventfd(3, EFD_SEMAPHORE | EFD_NONBLOCK | EFD_CLOEXEC);
  CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
  for (int i = 0; i < 3; ++i) CHECK(take(fd) == 1);
  uint64_t value = 0;
  CHECK_FAILS(read(fd, &value, sizeof value), EAGAIN);
  CHECK(close(fd) == 0);
  passed("semaphore");
}

void wrong_use() {
  CHECK_FAILS(eventfd(0, 0x100), EINVAL);
  int fd = eventfd(1, EFD_NONBLOCK);
  char bytes[16] = {1};
  CHECK_FAILS(read(fd, bytes, 7), EINVAL);
  CHECK_FAILS(write(fd, bytes, 7), EINVAL);
  CHECK_FAILS(read(fd, bad_address(), 8), EFAULT);
  CHECK_FAILS(write(fd, bad_address(), 8), EFAULT);
  add(fd, 1);
  CHECK(read(fd, bytes, 16) == 8);
  CHECK(lseek(fd, 5, SEEK_SET) == 0);  // does nothing
  CHECK_FAILS(ftruncate(fd, 0), EINVAL);
  CHECK(close(fd) == 0);
  passed("wrong use of eventfd");
}

}  // namespace

int main() {
  overflow();
  blocking();
  semaphore();
  wrong_use();
}
