// mremap: growing, shrinking, moving, and what it refuses.
#include "fault.h"

namespace {

char* remap(char* from, size_t old_size, size_t new_size, int flags, void* to = nullptr) {
  return static_cast<char*>(mremap(from, old_size, new_size, flags, to));
}

bool refused(char* from, size_t old_size, size_t new_size, int flags, int error, void* to = nullptr) {
  errno = 0;
  return mremap(from, old_size, new_size, flags, to) == MAP_FAILED && errno == error;
}

char* numbered(size_t pages) {
  char* memory = map(pages * kPage);
  for (size_t page = 0; page < pages; ++page) memory[page * kPage] = static_cast<char>('0' + page);
  return memory;
}

void growing_and_shrinking() {
  char* memory = numbered(8);
  CHECK(munmap(memory + 4 * kPage, 4 * kPage) == 0);
  CHECK(remap(memory, 4 * kPage, 8 * kPage, 0) == memory && memory[3 * kPage] == '3' && memory[4 * kPage] == 0);
  CHECK(remap(memory, 8 * kPage, 2 * kPage, 0) == memory && not_mapped(memory + 2 * kPage) && memory[kPage] == '1');
  CHECK(remap(memory, 2 * kPage, 2 * kPage, 0) == memory);
  char* wall = map(kPage, PROT_NONE, kAnonymous | MAP_FIXED, -1, 0, memory + 2 * kPage);
  CHECK(refused(memory, 2 * kPage, 3 * kPage, 0, ENOMEM) && may_not(wall, false));
  char* moved = remap(memory, 2 * kPage, 64 * kPage, MREMAP_MAYMOVE);
  CHECK(moved != MAP_FAILED && moved[0] == '0' && moved[kPage] == '1' && moved[2 * kPage] == 0);
  CHECK(moved[63 * kPage] == 0 && not_mapped(memory) && not_mapped(memory + kPage));
  passed("growing and shrinking");
}

void moving_to_an_address() {
  char* memory = numbered(4);
  char* target = map(6 * kPage);
  std::memset(target, 't', 6 * kPage);
  CHECK(remap(memory + kPage, 2 * kPage, 2 * kPage, MREMAP_MAYMOVE | MREMAP_FIXED, target + kPage) == target + kPage);
  CHECK(target[0] == 't' && target[kPage] == '1' && target[2 * kPage] == '2' && target[3 * kPage] == 't');
  CHECK(memory[0] == '0' && not_mapped(memory + kPage) && not_mapped(memory + 2 * kPage) && memory[3 * kPage] == '3');
  passed("moving to an address");
}

void moving_what_cannot_be_touched() {
  char* memory = numbered(3);
  CHECK(mprotect(memory, 3 * kPage, PROT_NONE) == 0);
  char* moved = remap(memory, 3 * kPage, 300 * kPage, MREMAP_MAYMOVE);
  CHECK(moved != MAP_FAILED && may_not(moved, false) && may_not(moved + 200 * kPage, false));
  CHECK(mprotect(moved, 300 * kPage, PROT_READ) == 0);
  CHECK(moved[0] == '0' && moved[2 * kPage] == '2' && moved[3 * kPage] == 0 && may_not(moved, true));
  passed("contents behind PROT_NONE");
}

void leaving_the_old_place_mapped() {
  char* memory = numbered(2);
  char* moved = remap(memory, 2 * kPage, 2 * kPage, MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
  CHECK(moved != MAP_FAILED && moved != memory && moved[kPage] == '1' && memory[0] == 0 && memory[kPage] == 0);
  memory[0] = 'n';
  CHECK(moved[0] == '0');
  passed("leaving the old place mapped");
}

void files() {
  int fd = temporary_file(2 * kPage);
  CHECK(pwrite(fd, "2", 1, kPage) == 1);
  char* shared = map(kPage, kReadWrite, MAP_SHARED, fd);
  char* copy = map(2 * kPage, kReadWrite, MAP_PRIVATE, fd);
  copy[0] = 'c';
  char* grown = remap(shared, kPage, 2 * kPage, MREMAP_MAYMOVE);
  CHECK(grown != MAP_FAILED && grown[0] == 'f' && grown[kPage] == '2');
  grown[kPage] = '3';
  char byte = 0;
  CHECK(pread(fd, &byte, 1, kPage) == 1 && byte == '3');
  char* second = remap(copy, 2 * kPage, 2 * kPage, MREMAP_MAYMOVE | MREMAP_FIXED, map(2 * kPage));
  CHECK(second != MAP_FAILED && second[0] == 'c' && second[1] == 'f');
  passed("files");
}

void errors() {
  char* memory = numbered(4);
  CHECK(refused(memory + 1, kPage, 2 * kPage, MREMAP_MAYMOVE, EINVAL));
  CHECK(refused(memory, kPage, 0, MREMAP_MAYMOVE, EINVAL));
  CHECK(refused(memory, kPage, 2 * kPage, 0x40, EINVAL));
  CHECK(refused(memory, kPage, 2 * kPage, MREMAP_FIXED, EINVAL, memory + 0x100 * kPage));
  CHECK(refused(memory, kPage, 2 * kPage, MREMAP_MAYMOVE | MREMAP_FIXED, EINVAL, memory + 1));
  CHECK(refused(memory, 2 * kPage, 2 * kPage, MREMAP_MAYMOVE | MREMAP_FIXED, EINVAL, memory + kPage));
  CHECK(refused(memory, kPage, 2 * kPage, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, EINVAL));
  CHECK(refused(memory, 0, kPage, MREMAP_MAYMOVE, EINVAL));
  CHECK(munmap(memory + kPage, kPage) == 0);
  CHECK(refused(memory + kPage, kPage, 2 * kPage, MREMAP_MAYMOVE, EFAULT));
  CHECK(refused(memory, 3 * kPage, 8 * kPage, MREMAP_MAYMOVE, EFAULT));
  passed("errors");
}

}  // namespace

int main() {
  catch_faults();
  growing_and_shrinking();
  moving_to_an_address();
  moving_what_cannot_be_touched();
  leaving_the_old_place_mapped();
  files();
  errors();
}
