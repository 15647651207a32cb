#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

#include "commands.h"

namespace {

constexpr unsigned long kPage = 4096;
constexpr unsigned long kPages = 128;
constexpr unsigned long kReadOnlyPage = 100;
unsigned char* pages = nullptr;

unsigned char byte_of(unsigned long page) {
  return static_cast<unsigned char>(page * 3 + 1);
}

void* map_pages(unsigned long count) {
  return mmap(nullptr, count * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

unsigned long first_nonzero(const unsigned char* bytes, unsigned long size) {
  for (unsigned long i = 0; i < size; ++i) {
    if (bytes[i] != 0) return i;
  }
  return size;
}

long nanoseconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

void prepare_state() {
  pages = static_cast<unsigned char*>(map_pages(kPages));
  for (unsigned long page = 0; page < kPages; ++page) std::memset(pages + page * kPage, byte_of(page), kPage);
  mprotect(pages + kReadOnlyPage * kPage, kPage, PROT_READ);
}

std::string check_and_spoil(const std::string&) {
  for (unsigned long i = 0; i < kPages * kPage; ++i) {
    if (pages[i] != byte_of(i / kPage)) return "byte " + std::to_string(i) + " is not the snapshot's";
  }
  for (unsigned long page = 0; page < kPages; ++page) {
    if (page != kReadOnlyPage) std::memset(pages + page * kPage, 0xee, kPage);
  }
  return "as frozen";
}

std::string unmap_snapshot(const std::string&) {
  munmap(pages, 8 * kPage);
  mprotect(pages + 8 * kPage, 8 * kPage, PROT_NONE);
  mprotect(pages + kReadOnlyPage * kPage, kPage, PROT_READ | PROT_WRITE);
  std::memset(pages + kReadOnlyPage * kPage, 0xee, kPage);
  void* again = mmap(pages, 4 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  if (again != pages) return "mmap failed";
  if (first_nonzero(pages, 4 * kPage) != 4 * kPage) return "a new mapping is not zero";
  std::memset(pages, 0xee, 4 * kPage);
  return "done";
}

std::string fresh_mappings(const std::string&) {
  for (unsigned long count : {1ul, 64ul, 700ul}) {
    auto* bytes = static_cast<unsigned char*>(map_pages(count));
    if (bytes == MAP_FAILED) return "mmap failed";
    unsigned long at = first_nonzero(bytes, count * kPage);
    if (at != count * kPage) return "byte " + std::to_string(at) + " of a new mapping is not zero";
    std::memset(bytes, 0xaa, count * kPage);
    if (count == 64) munmap(bytes, count * kPage);
  }
  return "all zero";
}

std::string grow(const std::string& mebibytes) {
  unsigned long size = std::stoul(mebibytes) << 20;
  auto* bytes = static_cast<unsigned char*>(map_pages(size / kPage));
  if (bytes == MAP_FAILED) return "mmap failed";
  for (unsigned long at = 0; at < size; at += kPage) bytes[at] = 1;
  return "grown";
}

std::string clocks(const std::string&) {
  return std::to_string(nanoseconds(CLOCK_MONOTONIC)) + " " + std::to_string(nanoseconds(CLOCK_REALTIME));
}

std::string entropy(const std::string&) {
  unsigned long words[2] = {};
  if (getrandom(words, sizeof words, 0) != sizeof words) return "getrandom failed";
  return std::to_string(words[0]) + " " + std::to_string(words[1]) + " " + std::to_string(getpid());
}
