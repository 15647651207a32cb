// Mappings that a request changes: each must behave as on Linux within the request, and leave nothing to the next.
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "commands.h"

namespace {

constexpr unsigned long kPage = 4096;
constexpr unsigned long kFilePages = 8;
constexpr int kReadWrite = PROT_READ | PROT_WRITE;

int file = -1;
unsigned char* shown = nullptr;   // a shared mapping of the file that the snapshot has
unsigned char* hidden = nullptr;  // anonymous memory of the snapshot, without access
sigjmp_buf fault_return;

void on_fault(int number) {
  siglongjmp(fault_return, number);
}

/// @return the signal that a read raises, or 0
int touch(volatile unsigned char* address) {
  if (int number = sigsetjmp(fault_return, 1)) return number;
  (void)*address;
  return 0;
}

unsigned char* map(unsigned long size, int flags = MAP_PRIVATE | MAP_ANONYMOUS, int fd = -1, void* at = nullptr) {
  void* memory = mmap(at, size, kReadWrite, flags, fd, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<unsigned char*>(memory);
}

std::string check_snapshot() {
  unsigned char byte = 0;
  for (unsigned long page = 0; page < kFilePages; ++page) {
    auto expected = static_cast<unsigned char>('a' + page);
    if (shown[page * kPage] != expected) return "the shared mapping has changed";
    if (pread(file, &byte, 1, static_cast<off_t>(page * kPage)) != 1 || byte != expected) return "the file has changed";
  }
  return "";
}

std::string unmapped_pages_fault() {
  for (int round = 0; round < 3; ++round) {
    unsigned char* memory = map(8 * kPage);
    for (unsigned long i = 0; i < 8 * kPage; ++i) {
      if (memory[i] != 0) return "a new mapping is not zero";
    }
    std::memset(memory, 0xbb, 8 * kPage);
    if (munmap(memory + 2 * kPage, kPage) != 0 || touch(memory + 2 * kPage) != SIGSEGV) return "no fault after munmap";
    if (mprotect(memory, kPage, PROT_NONE) != 0 || touch(memory) != SIGSEGV) return "no fault after mprotect";
    if (mprotect(memory, kPage, PROT_READ) != 0 || memory[0] != 0xbb) return "mprotect has lost contents";
    auto* moved = static_cast<unsigned char*>(mremap(memory + 3 * kPage, 4 * kPage, 600 * kPage, MREMAP_MAYMOVE));
    if (moved == MAP_FAILED || moved[0] != 0xbb || moved[4 * kPage] != 0) return "mremap has lost contents";
    if (touch(memory + 3 * kPage) != SIGSEGV) return "no fault after mremap";
    munmap(moved, 600 * kPage);
    munmap(memory, 8 * kPage);
    if (touch(memory) != SIGSEGV || touch(moved) != SIGSEGV) return "no fault after the second munmap";
  }
  return "";
}

std::string shared_mappings_are_the_file() {
  unsigned char byte = 0;
  unsigned char* again = map(kFilePages * kPage, MAP_SHARED, file);
  again[kPage] = 0xcc;
  if (shown[kPage] != 0xcc || pread(file, &byte, 1, kPage) != 1 || byte != 0xcc) return "not coherent";
  if (ftruncate(file, 2 * kPage) != 0 || touch(shown + 2 * kPage) != SIGBUS) return "no SIGBUS behind the file";
  if (ftruncate(file, 4 * kPage) != 0 || shown[3 * kPage] != 0) return "not zero where the file has grown again";
  // Private memory in the place of a shared mapping, and the other way round.
  unsigned char* covered = map(kPage, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, shown);
  if (covered != shown || covered[0] != 0) return "private memory over a shared mapping is not zero";
  covered[0] = 0xdd;
  if (again[0] != 'a') return "private memory has reached the file";
  unsigned char* memory = map(2 * kPage);
  std::memset(memory, 0xee, 2 * kPage);
  if (map(kPage, MAP_SHARED | MAP_FIXED, file, memory) != memory || memory[0] != 'a') return "the file is not shown";
  memory[1] = 0xef;
  if (again[1] != 0xef || memory[kPage] != 0xee) return "not coherent over private memory";
  if (munmap(memory, kPage) != 0 || touch(memory) != SIGSEGV || again[1] != 0xef) return "munmap of a shared mapping";
  if (map(kPage, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, memory)[1] != 0) return "bytes of the file remain";
  return "";
}

std::string memory_files_come_and_go() {
  for (int round = 0; round < 3; ++round) {
    int fd = memfd_create("request", 0);
    if (fd < 0 || ftruncate(fd, 40 * kPage) != 0) return "memfd_create";
    unsigned char* first = map(40 * kPage, MAP_SHARED, fd);
    unsigned char* second = map(40 * kPage, MAP_SHARED, fd);
    for (unsigned long i = 0; i < 40 * kPage; ++i) {
      if (first[i] != 0) return "a new file is not zero";
    }
    std::memset(first, 0x77, 40 * kPage);
    if (second[39 * kPage] != 0x77) return "two mappings of a memory file differ";
    munmap(first, 40 * kPage);
    munmap(second, 40 * kPage);
    close(fd);
    if (touch(first) != SIGSEGV) return "no fault after munmap of a memory file";
  }
  return "";
}

}  // namespace

void prepare_mappings() {
  file = memfd_create("snapshot", 0);
  if (file < 0 || ftruncate(file, kFilePages * kPage) != 0) _exit(1);
  shown = map(kFilePages * kPage, MAP_SHARED, file);
  for (unsigned long page = 0; page < kFilePages; ++page) {
    std::memset(shown + page * kPage, static_cast<int>('a' + page), kPage);
  }
  hidden = map(4 * kPage);
  std::memset(hidden, 0x55, 4 * kPage);
  mprotect(hidden, 4 * kPage, PROT_NONE);
}

std::string change_mappings(const std::string&) {
  struct sigaction action {};
  action.sa_handler = on_fault;
  sigaction(SIGSEGV, &action, nullptr);
  sigaction(SIGBUS, &action, nullptr);
  if (touch(hidden) != SIGSEGV) return "what the snapshot hides can be read";
  for (auto* step : {check_snapshot, unmapped_pages_fault, shared_mappings_are_the_file, memory_files_come_and_go}) {
    std::string failure = step();
    if (!failure.empty()) return failure;
  }
  if (mprotect(hidden, kPage, kReadWrite) != 0 || hidden[0] != 0x55) return "what the snapshot hides is lost";
  hidden[0] = 0x66;
  return "as on Linux";
}
