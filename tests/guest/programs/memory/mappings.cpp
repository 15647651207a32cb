// mmap, mprotect, munmap, mremap, madvise and brk, in the patterns of allocators and JIT compilers.
#include <sys/mman.h>
#include <unistd.h>
#include <csetjmp>
#include <csignal>

#include <vector>

#include "check.h"

namespace {

constexpr size_t kPage = 4096;

sigjmp_buf after_fault;

void on_fault(int) {
  siglongjmp(after_fault, 1);
}

/// True if touching the byte raises SIGSEGV.
bool faults(volatile char* address, bool write) {
  if (sigsetjmp(after_fault, 1) != 0) return true;
  if (write) {
    *address = 1;
  } else {
    (void)*address;
  }
  return false;
}

char* map(size_t size, int protection, int flags = MAP_PRIVATE | MAP_ANONYMOUS, void* hint = nullptr) {
  void* memory = mmap(hint, size, protection, flags, -1, 0);
  CHECK(memory != MAP_FAILED);
  return static_cast<char*>(memory);
}

void anonymous_memory() {
  char* memory = map(64 * kPage, PROT_READ | PROT_WRITE);
  for (size_t i = 0; i < 64 * kPage; i += 512) CHECK(memory[i] == 0);
  for (size_t i = 0; i < 64; ++i) memory[i * kPage] = static_cast<char>(i);
  for (size_t i = 0; i < 64; ++i) CHECK(memory[i * kPage] == static_cast<char>(i));
  CHECK(munmap(memory + 8 * kPage, 8 * kPage) == 0);
  CHECK(faults(memory + 8 * kPage, false));
  CHECK(faults(memory + 15 * kPage, true));
  CHECK(memory[7 * kPage] == 7 && memory[16 * kPage] == 16);
  CHECK(munmap(memory, 64 * kPage) == 0);
  CHECK(faults(memory, false));
  passed("anonymous memory");
}

void protections() {
  char* memory = map(4 * kPage, PROT_READ | PROT_WRITE);
  std::memset(memory, 'x', 4 * kPage);
  CHECK(mprotect(memory + kPage, kPage, PROT_READ) == 0);
  CHECK(mprotect(memory + 2 * kPage, kPage, PROT_NONE) == 0);
  CHECK(!faults(memory + kPage, false) && faults(memory + kPage, true));
  CHECK(faults(memory + 2 * kPage, false));
  CHECK(!faults(memory, true) && !faults(memory + 3 * kPage, true));
  CHECK(mprotect(memory, 4 * kPage, PROT_READ | PROT_WRITE) == 0);
  CHECK(memory[2 * kPage] == 'x');
  CHECK(mprotect(memory + 1, kPage, PROT_READ) == -1 && errno == EINVAL);
  CHECK(munmap(memory, 4 * kPage) == 0);
  CHECK(mprotect(memory, kPage, PROT_READ) == -1 && errno == ENOMEM);
  passed("protections");
}

void reservations() {
  constexpr size_t kCage = size_t{48} << 30;
  constexpr size_t kAligned = size_t{16} << 30;
  char* cage = map(kCage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE);
  auto begin = (reinterpret_cast<size_t>(cage) + kAligned - 1) & ~(kAligned - 1);
  char* aligned = reinterpret_cast<char*>(begin);
  if (aligned > cage) CHECK(munmap(cage, static_cast<size_t>(aligned - cage)) == 0);
  CHECK(munmap(aligned + kAligned, static_cast<size_t>(cage + kCage - aligned) - kAligned) == 0);
  CHECK(faults(aligned, false));
  for (size_t offset : {size_t{0}, kAligned / 2, kAligned - kPage}) {
    CHECK(mprotect(aligned + offset, kPage, PROT_READ | PROT_WRITE) == 0);
    aligned[offset] = 3;
  }
  char* code = map(16 * kPage, PROT_READ | PROT_WRITE | PROT_EXEC);
  const unsigned char kReturn42[] = {0xb8, 42, 0, 0, 0, 0xc3};  // mov $42, %eax; ret
  std::memcpy(code, kReturn42, sizeof kReturn42);
  CHECK(reinterpret_cast<int (*)()>(code)() == 42);
  CHECK(mprotect(code, kPage, PROT_READ | PROT_EXEC) == 0);
  CHECK(reinterpret_cast<int (*)()>(code)() == 42);
  CHECK(munmap(code, 16 * kPage) == 0 && munmap(aligned, kAligned) == 0);
  passed("reservations and code");
}

void placement() {
  char* area = map(8 * kPage, PROT_READ | PROT_WRITE);
  area[0] = 1;
  char* same = map(kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, area);
  CHECK(same == area && area[0] == 0);
  CHECK(mmap(area, kPage, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED);
  CHECK(errno == EEXIST);
  CHECK(munmap(area + 4 * kPage, kPage) == 0);
  CHECK(map(kPage, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, area + 4 * kPage) == area + 4 * kPage);
  CHECK(mmap(nullptr, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == EINVAL);
  CHECK(munmap(area, 8 * kPage) == 0);
  passed("placement");
}

void discarding_and_moving() {
  char* memory = map(4 * kPage, PROT_READ | PROT_WRITE);
  std::memset(memory, 'a', 4 * kPage);
  CHECK(madvise(memory + kPage, kPage, MADV_DONTNEED) == 0);
  CHECK(memory[0] == 'a' && memory[kPage] == 0 && memory[2 * kPage] == 'a');
  auto* moved = static_cast<char*>(mremap(memory, 4 * kPage, 64 * kPage, MREMAP_MAYMOVE));
  CHECK(moved != MAP_FAILED);
  CHECK(moved[0] == 'a' && moved[kPage] == 0 && moved[3 * kPage] == 'a' && moved[4 * kPage] == 0);
  moved[63 * kPage] = 'z';
  CHECK(mremap(moved, 64 * kPage, 2 * kPage, 0) == moved);
  CHECK(faults(moved + 2 * kPage, false));
  CHECK(munmap(moved, 2 * kPage) == 0);
  passed("discarding and moving");
}

void program_break() {
  auto* begin = static_cast<char*>(sbrk(0));
  CHECK(sbrk(100'000) == begin);
  begin[99'999] = 'b';
  CHECK(begin[0] == 0);
  CHECK(brk(begin) == 0);
  CHECK(sbrk(100'000) == begin);
  CHECK(begin[99'999] == 0);
  passed("program break");
}

void allocator() {
  std::vector<std::vector<char>> blocks;
  for (size_t i = 1; i < 400; ++i) blocks.emplace_back(i * 997, static_cast<char>(i));
  for (size_t i = 0; i < blocks.size(); i += 2) std::vector<char>().swap(blocks[i]);
  for (size_t i = 1; i < blocks.size(); i += 2) CHECK(blocks[i].back() == static_cast<char>(i + 1));
  passed("allocator");
}

}  // namespace

int main() {
  struct sigaction action {};
  action.sa_handler = on_fault;
  CHECK(sigaction(SIGSEGV, &action, nullptr) == 0);
  anonymous_memory();
  protections();
  reservations();
  placement();
  discarding_and_moving();
  program_break();
  allocator();
}
