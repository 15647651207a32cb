// madvise: what discards, what only hints, and what is no advice.
#include <string>

#include "fault.h"

namespace {

/// The VmFlags of the area at `address`, from /proc/self/smaps.
std::string flags_at(char* address) {
  FILE* list = std::fopen("/proc/self/smaps", "r");
  CHECK(list != nullptr);
  char line[512];
  bool inside = false;
  std::string flags;
  while (std::fgets(line, sizeof line, list) != nullptr) {
    size_t begin = 0;
    size_t end = 0;
    if (std::sscanf(line, "%zx-%zx ", &begin, &end) == 2) {
      auto at = reinterpret_cast<size_t>(address);
      inside = begin <= at && at < end;
    } else if (inside && std::strncmp(line, "VmFlags: ", 9) == 0) {
      flags = std::string(" ") + (line + 9);
    }
  }
  CHECK(std::fclose(list) == 0);
  return flags;
}

bool has_flag(char* address, const char* flag) {
  return flags_at(address).find(std::string(" ") + flag + " ") != std::string::npos;
}

void discarding() {
  char* memory = map(4 * kPage);
  std::memset(memory, 'd', 4 * kPage);
  CHECK(madvise(memory + kPage, 2 * kPage, MADV_DONTNEED) == 0);
  CHECK(memory[0] == 'd' && memory[kPage] == 0 && memory[3 * kPage - 1] == 0 && memory[3 * kPage] == 'd');
  CHECK(madvise(memory, 1, MADV_DONTNEED) == 0 && memory[kPage - 1] == 0);
  memory[3 * kPage] = 'e';
  CHECK(madvise(memory, 4 * kPage, MADV_FREE) == 0);
  CHECK(memory[3 * kPage] == 'e' || memory[3 * kPage] == 0);
  memory[3 * kPage] = 'g';
  CHECK(memory[3 * kPage] == 'g');
  passed("discarding");
}

void hints() {
  char* memory = map(8 * kPage);
  for (int advice : {MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_COLD, MADV_PAGEOUT, MADV_DODUMP,
                     MADV_DOFORK, MADV_KEEPONFORK}) {
    CHECK(madvise(memory, 8 * kPage, advice) == 0);
  }
  memory[kPage] = 'h';
  CHECK(!has_flag(memory, "dc") && !has_flag(memory, "dd") && !has_flag(memory, "wf"));
  CHECK(madvise(memory, kPage, MADV_DONTFORK) == 0 && has_flag(memory, "dc") && !has_flag(memory + kPage, "dc"));
  CHECK(madvise(memory, kPage, MADV_DOFORK) == 0 && !has_flag(memory, "dc"));
  CHECK(madvise(memory + kPage, kPage, MADV_DONTDUMP) == 0 && has_flag(memory + kPage, "dd"));
  CHECK(madvise(memory + 2 * kPage, kPage, MADV_WIPEONFORK) == 0 && has_flag(memory + 2 * kPage, "wf"));
  CHECK(madvise(memory + 2 * kPage, kPage, MADV_KEEPONFORK) == 0 && !has_flag(memory + 2 * kPage, "wf"));
  CHECK(madvise(memory, 2 * kPage, MADV_SEQUENTIAL) == 0 && has_flag(memory, "sr"));
  CHECK(madvise(memory, 2 * kPage, MADV_RANDOM) == 0 && has_flag(memory, "rr") && !has_flag(memory, "sr"));
  CHECK(memory[kPage] == 'h' && has_flag(memory, "wr") && has_flag(memory, "rd") && !has_flag(memory, "ex"));
  passed("hints");
}

void populating() {
  char* memory = map(4 * kPage);
  CHECK(madvise(memory, 4 * kPage, MADV_POPULATE_WRITE) == 0 && memory[3 * kPage] == 0);
  CHECK(mprotect(memory, kPage, PROT_NONE) == 0 && failed(madvise(memory, kPage, MADV_POPULATE_READ), EINVAL));
  CHECK(mprotect(memory, kPage, PROT_READ) == 0 && madvise(memory, kPage, MADV_POPULATE_READ) == 0);
  CHECK(failed(madvise(memory, kPage, MADV_POPULATE_WRITE), EINVAL));
  CHECK(munmap(memory + kPage, kPage) == 0 && failed(madvise(memory, 3 * kPage, MADV_POPULATE_READ), ENOMEM));
  char* shared = map(2 * kPage, PROT_READ, MAP_SHARED, temporary_file(10));
  CHECK(failed(madvise(shared, 2 * kPage, MADV_POPULATE_READ), EFAULT));
  passed("populating");
}

void errors() {
  char* memory = map(4 * kPage);
  std::memset(memory, 'e', 4 * kPage);
  CHECK(failed(madvise(memory + 1, kPage, MADV_DONTNEED), EINVAL));
  CHECK(failed(madvise(memory, kPage, 99), EINVAL) && failed(madvise(memory, kPage, -1), EINVAL));
  CHECK(failed(madvise(memory, ~size_t{0}, MADV_NORMAL), EINVAL));
  CHECK(madvise(memory, 0, MADV_DONTNEED) == 0 && memory[0] == 'e');
  CHECK(failed(madvise(memory, 0, 99), EINVAL));
  CHECK(failed(madvise(memory, kPage, MADV_REMOVE), EINVAL));
  CHECK(munmap(memory + kPage, kPage) == 0);
  CHECK(failed(madvise(memory, 4 * kPage, MADV_DONTNEED), ENOMEM));
  CHECK(memory[0] == 0 && memory[2 * kPage] == 0 && memory[3 * kPage] == 0);
  char* file = map(kPage, kReadWrite, MAP_PRIVATE, temporary_file(10));
  CHECK(failed(madvise(file, kPage, MADV_FREE), EINVAL) && failed(madvise(file, kPage, MADV_WIPEONFORK), EINVAL));
  passed("errors");
}

}  // namespace

int main() {
  catch_faults();
  discarding();
  hints();
  populating();
  errors();
}
