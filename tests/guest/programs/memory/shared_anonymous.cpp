// Shared memory without a file: one memory however it is moved, doubled or advised about.
#include <thread>

#include "fault.h"

int main() {
  catch_faults();
  constexpr int kShared = MAP_SHARED | MAP_ANONYMOUS;
  char* memory = map(4 * kPage, kReadWrite, kShared);
  for (size_t i = 0; i < 4 * kPage; i += 512) CHECK(memory[i] == 0);
  std::memset(memory, 's', 4 * kPage);
  std::thread([&] { memory[1] = 't'; }).join();
  CHECK(memory[1] == 't');
  passed("between threads");

  auto* twin = static_cast<char*>(mremap(memory, 0, 4 * kPage, MREMAP_MAYMOVE));
  CHECK(twin != MAP_FAILED && twin != memory && twin[0] == 's' && twin[1] == 't');
  twin[kPage] = 'u';
  memory[kPage + 1] = 'v';
  CHECK(memory[kPage] == 'u' && twin[kPage + 1] == 'v');
  passed("a second view of it");

  CHECK(madvise(memory, 4 * kPage, MADV_DONTNEED) == 0 && memory[0] == 's' && memory[kPage] == 'u');
  CHECK(failed(madvise(memory, kPage, MADV_FREE), EINVAL));
  CHECK(failed(madvise(memory, kPage, MADV_WIPEONFORK), EINVAL));
  CHECK(madvise(memory + kPage, kPage, MADV_REMOVE) == 0);
  CHECK(memory[kPage] == 0 && twin[kPage] == 0 && twin[2 * kPage] == 's');
  passed("advice");

  auto* moved = static_cast<char*>(
      mremap(memory, 4 * kPage, 4 * kPage, MREMAP_MAYMOVE | MREMAP_FIXED, map(8 * kPage, PROT_NONE)));
  CHECK(moved != MAP_FAILED && not_mapped(memory) && moved[0] == 's');
  moved[0] = 'w';
  CHECK(twin[0] == 'w');
  CHECK(munmap(moved, 8 * kPage) == 0 && twin[0] == 'w' && not_mapped(moved));
  passed("moved");

  auto* grown = static_cast<char*>(mremap(twin, 4 * kPage, 6 * kPage, MREMAP_MAYMOVE));
  CHECK(grown != MAP_FAILED && grown[0] == 'w' && behind_file(grown + 4 * kPage));
  passed("no longer than it was made");

  constexpr size_t kLarge = size_t{64} << 20;
  char* large = map(kLarge, kReadWrite, kShared | MAP_NORESERVE);
  for (size_t at = 0; at < kLarge; at += kLarge / 8) large[at] = 'l';
  for (size_t at = 0; at < kLarge; at += kLarge / 8) CHECK(large[at] == 'l' && large[at + kPage] == 0);
  CHECK(munmap(large, kLarge) == 0);
  passed("large and sparse");
}
