// munmap: parts, holes, ranges that are none, and what a touch comes to afterwards.
#include "fault.h"

int main() {
  catch_faults();
  char* memory = map(8 * kPage);
  std::memset(memory, 'a', 8 * kPage);
  CHECK(munmap(memory + 2 * kPage, kPage) == 0 && munmap(memory + 5 * kPage, 2 * kPage) == 0);
  for (size_t page : {2, 5, 6}) CHECK(not_mapped(memory + page * kPage));
  for (size_t page : {0, 1, 3, 4, 7}) CHECK(memory[page * kPage] == 'a');
  passed("parts");

  CHECK(munmap(memory + 2 * kPage, kPage) == 0);
  CHECK(munmap(memory + kPage, 6 * kPage) == 0);
  CHECK(not_mapped(memory + kPage) && not_mapped(memory + 4 * kPage) && memory[7 * kPage] == 'a');
  CHECK(munmap(memory, 1) == 0 && not_mapped(memory + kPage - 1));
  passed("over holes, and rounded up to pages");

  CHECK(failed(munmap(memory + 1, kPage), EINVAL));
  CHECK(failed(munmap(memory + 7 * kPage, 0), EINVAL));
  CHECK(failed(munmap(memory + 7 * kPage, ~size_t{0}), EINVAL));
  CHECK(failed(munmap(reinterpret_cast<void*>(~size_t{0} & ~(kPage - 1)), kPage), EINVAL));
  CHECK(failed(munmap(memory + 7 * kPage, size_t{1} << 47), EINVAL));
  CHECK(munmap(nullptr, kPage) == 0);
  CHECK(memory[7 * kPage] == 'a');
  passed("errors");

  char* again = map(kPage, kReadWrite, kAnonymous | MAP_FIXED, -1, 0, memory);
  CHECK(again == memory && again[0] == 0);
  for (int round = 0; round < 50; ++round) {
    char* fresh = map(3 * kPage);
    for (size_t i = 0; i < 3 * kPage; i += 64) CHECK(fresh[i] == 0);
    std::memset(fresh, 'x', 3 * kPage);
    CHECK(munmap(fresh, 3 * kPage) == 0 && not_mapped(fresh) && not_mapped(fresh + 2 * kPage));
  }
  passed("mapped again: zeros");
}
