// Huge reservations of which little is used, as JavaScript engines make them.
#include "fault.h"

namespace {

constexpr size_t kGigabyte = size_t{1} << 30;

void cage() {
  constexpr size_t kCage = 48 * kGigabyte;
  constexpr size_t kAligned = 16 * kGigabyte;
  char* reserved = map(kCage, PROT_NONE, kAnonymous | MAP_NORESERVE);
  auto begin = (reinterpret_cast<size_t>(reserved) + kAligned - 1) & ~(kAligned - 1);
  char* aligned = reinterpret_cast<char*>(begin);
  if (aligned > reserved) CHECK(munmap(reserved, static_cast<size_t>(aligned - reserved)) == 0);
  CHECK(munmap(aligned + kAligned, static_cast<size_t>(reserved + kCage - aligned) - kAligned) == 0);
  CHECK(may_not(aligned, false) && not_mapped(aligned + kAligned));
  for (size_t offset : {size_t{0}, kAligned / 2, kAligned - kPage}) {
    CHECK(mprotect(aligned + offset, kPage, kReadWrite) == 0);
    aligned[offset] = 3;
    CHECK(map(kPage, PROT_NONE, kAnonymous | MAP_NORESERVE | MAP_FIXED, -1, 0, aligned + offset) == aligned + offset);
    CHECK(may_not(aligned + offset, false));
    CHECK(mprotect(aligned + offset, kPage, kReadWrite) == 0 && aligned[offset] == 0);
  }
  CHECK(munmap(aligned, kAligned) == 0);
  passed("48 GB without access");
}

void gigacage() {
  char* memory = map(8 * kGigabyte, kReadWrite, kAnonymous | MAP_NORESERVE);
  auto begin = (reinterpret_cast<size_t>(memory) + 4 * kGigabyte - 1) & ~(4 * kGigabyte - 1);
  char* aligned = reinterpret_cast<char*>(begin);
  if (aligned > memory) CHECK(munmap(memory, static_cast<size_t>(aligned - memory)) == 0);
  if (aligned < memory + 4 * kGigabyte) {
    CHECK(munmap(aligned + 4 * kGigabyte, static_cast<size_t>(memory + 4 * kGigabyte - aligned)) == 0);
  }
  for (size_t offset = 0; offset < 4 * kGigabyte; offset += kGigabyte / 2) aligned[offset] = 1;
  CHECK(madvise(aligned, 4 * kGigabyte, MADV_DONTNEED) == 0 && aligned[kGigabyte] == 0);
  CHECK(munmap(aligned, 4 * kGigabyte) == 0);
  passed("8 GB trimmed to 4");
}

void code() {
  char* memory = map(kGigabyte, PROT_READ | PROT_WRITE | PROT_EXEC, kAnonymous | MAP_NORESERVE);
  const unsigned char kReturn42[] = {0xb8, 42, 0, 0, 0, 0xc3};  // mov $42, %eax; ret
  for (size_t offset : {size_t{0}, kGigabyte / 2 + kPage, kGigabyte - kPage}) {
    std::memcpy(memory + offset, kReturn42, sizeof kReturn42);
    CHECK(reinterpret_cast<int (*)()>(memory + offset)() == 42);
  }
  CHECK(munmap(memory, kGigabyte) == 0);
  passed("1 GB of code");
}

void many_areas() {
  constexpr size_t kAreas = 4000;
  char* memory = map(2 * kAreas * kPage, PROT_NONE, kAnonymous | MAP_NORESERVE);
  for (size_t area = 0; area < kAreas; ++area) CHECK(mprotect(memory + 2 * area * kPage, kPage, kReadWrite) == 0);
  for (size_t area = 0; area < kAreas; area += 500) {
    memory[2 * area * kPage] = 'm';
    CHECK(may_not(memory + (2 * area + 1) * kPage, false));
  }
  CHECK(mprotect(memory, 2 * kAreas * kPage, PROT_READ) == 0 && memory[0] == 'm' && memory[kPage] == 0);
  CHECK(munmap(memory, 2 * kAreas * kPage) == 0);
  passed("thousands of areas");
}

}  // namespace

int main() {
  catch_faults();
  cage();
  gigacage();
  code();
  many_areas();
}
