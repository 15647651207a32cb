// A futex in shared memory is one futex at all its addresses, unless the caller says that it is private.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "threads/futex.h"

int main() {
  int fd = memfd_create("futexes", 0);
  CHECK(fd >= 0 && ftruncate(fd, 2 * 4096) == 0);
  int again = open(("/proc/self/fd/" + std::to_string(fd)).c_str(), O_RDWR);
  CHECK(again >= 0);
  auto map = [&](int file, off_t offset) {
    void* memory = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, offset);
    CHECK(memory != MAP_FAILED);
    return reinterpret_cast<Word*>(static_cast<char*>(memory) + 64);
  };
  Word* first = map(fd, 0);
  Word* second = map(again, 0);
  Word* elsewhere = map(fd, 4096);
  CHECK(close(fd) == 0 && close(again) == 0);
  std::thread sleeper([&] { CHECK(futex(first, FUTEX_WAIT, 0) == 0); });
  while (futex_two(first, FUTEX_REQUEUE, 0, 1, first) != 1) std::this_thread::yield();
  CHECK(futex(elsewhere, FUTEX_WAKE, 1) == 0);
  CHECK(futex(second, FUTEX_WAKE_PRIVATE, 1) == 0);
  CHECK(futex(second, FUTEX_WAKE, 1) == 1);
  sleeper.join();
  passed("one futex at two addresses");
  std::thread another([&] { CHECK(futex(first, FUTEX_WAIT_PRIVATE, 0) == 0); });
  while (futex_two(first, FUTEX_REQUEUE_PRIVATE, 0, 1, first) != 1) std::this_thread::yield();
  CHECK(futex(second, FUTEX_WAKE, 1) == 0 && futex(second, FUTEX_WAKE_PRIVATE, 1) == 0);
  CHECK(futex(first, FUTEX_WAKE_PRIVATE, 1) == 1);
  another.join();
  passed("private ones go by address");
}
