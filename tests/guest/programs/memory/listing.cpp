// /proc/self/maps and smaps tell of areas as they are.
#include <string>
#include <vector>

#include "fault.h"

namespace {

struct Line {
  size_t begin, end, offset;
  std::string rights, name;
};

std::vector<Line> lines() {
  std::vector<Line> result;
  FILE* list = std::fopen("/proc/self/maps", "r");
  CHECK(list != nullptr);
  char text[1024];
  while (std::fgets(text, sizeof text, list) != nullptr) {
    Line line{};
    char rights[8] = {};
    int name_at = 0;
    CHECK(std::sscanf(text, "%zx-%zx %7s %zx %*x:%*x %*u %n", &line.begin, &line.end, rights, &line.offset, &name_at) ==
          4);
    line.rights = rights;
    line.name = text + name_at;
    if (!line.name.empty() && line.name.back() == '\n') line.name.pop_back();
    CHECK(line.begin < line.end && (result.empty() || result.back().end <= line.begin));
    result.push_back(line);
  }
  CHECK(std::fclose(list) == 0);
  return result;
}

Line line_of(const void* address) {
  for (const Line& line : lines()) {
    auto at = reinterpret_cast<size_t>(address);
    if (line.begin <= at && at < line.end) return line;
  }
  return {};
}

/// A figure in kB of the area at `address` in smaps.
long figure(const void* address, const char* name) {
  FILE* list = std::fopen("/proc/self/smaps", "r");
  CHECK(list != nullptr);
  char text[1024];
  bool inside = false;
  long value = -1;
  while (std::fgets(text, sizeof text, list) != nullptr) {
    size_t begin = 0;
    size_t end = 0;
    if (std::sscanf(text, "%zx-%zx ", &begin, &end) == 2) {
      auto at = reinterpret_cast<size_t>(address);
      inside = begin <= at && at < end;
    } else if (inside && std::strncmp(text, name, std::strlen(name)) == 0) {
      value = std::atol(text + std::strlen(name));
    }
  }
  CHECK(std::fclose(list) == 0);
  return value;
}

void areas() {
  char* memory = map(16 * kPage, PROT_NONE);
  CHECK(mprotect(memory + kPage, kPage, PROT_READ) == 0 && mprotect(memory + 3 * kPage, kPage, kReadWrite) == 0);
  CHECK(mprotect(memory + 5 * kPage, kPage, PROT_READ | PROT_EXEC) == 0);
  CHECK(munmap(memory + 7 * kPage, kPage) == 0);
  Line line = line_of(memory + kPage);
  CHECK(line.rights == "r--p" && line.begin == reinterpret_cast<size_t>(memory + kPage) && line.name.empty());
  CHECK(line.end == line.begin + kPage);
  CHECK(line_of(memory + 3 * kPage).rights == "rw-p" && line_of(memory + 5 * kPage).rights == "r-xp");
  CHECK(line_of(memory + 4 * kPage).rights == "---p" && line_of(memory + 7 * kPage).end == 0);
  CHECK(mprotect(memory, 7 * kPage, PROT_READ) == 0);
  CHECK(line_of(memory + 3 * kPage).end == reinterpret_cast<size_t>(memory + 7 * kPage));
  passed("areas, split and joined");
}

void names() {
  int local = 0;
  CHECK(line_of(&local).name == "[stack]" && line_of(&local).rights == "rw-p");
  CHECK(sbrk(kPage) != nullptr && line_of(static_cast<char*>(sbrk(0)) - 1).name == "[heap]");
  char path[512] = {};
  CHECK(readlink("/proc/self/exe", path, sizeof path - 1) > 0);
  Line text = line_of(reinterpret_cast<void*>(&names));
  CHECK(text.name == path && text.rights == "r-xp");
  int fd = memfd_create("listed", 0);
  CHECK(ftruncate(fd, 4 * kPage) == 0);
  char* shared = map(2 * kPage, kReadWrite, MAP_SHARED, fd, kPage);
  CHECK(line_of(shared).name == "/memfd:listed (deleted)" && line_of(shared).rights == "rw-s");
  CHECK(line_of(shared).offset == kPage && line_of(shared + kPage).begin == reinterpret_cast<size_t>(shared));
  char* anonymous = map(kPage, PROT_READ, MAP_SHARED | MAP_ANONYMOUS);
  CHECK(line_of(anonymous).name == "/dev/zero (deleted)" && line_of(anonymous).rights == "r--s");
  passed("names");
}

void figures() {
  constexpr size_t kPages = 64;
  char* memory = map(kPages * kPage);
  CHECK(map(kPage, PROT_NONE, kAnonymous | MAP_FIXED, -1, 0, memory) == memory);
  memory += kPage;
  CHECK(figure(memory, "Rss:") == 0 && figure(memory, "KernelPageSize:") == 4);
  for (size_t page = 0; page < 10; ++page) memory[page * kPage] = 1;
  CHECK(figure(memory, "Rss:") == 40 && figure(memory, "Anonymous:") == 40 && figure(memory, "Locked:") == 0);
  CHECK(madvise(memory, 4 * kPage, MADV_DONTNEED) == 0 && figure(memory, "Rss:") == 24);
  passed("figures");
}

size_t resident_pages() {
  FILE* file = std::fopen("/proc/self/statm", "r");
  size_t total = 0;
  size_t resident = 0;
  CHECK(file != nullptr && std::fscanf(file, "%zu %zu", &total, &resident) == 2 && total >= resident);
  CHECK(std::fclose(file) == 0);
  return resident;
}

void resident() {
  constexpr size_t kPages = 2048;
  size_t before = resident_pages();
  char* memory = map(kPages * kPage, kReadWrite, kAnonymous | MAP_NORESERVE);
  CHECK(resident_pages() < before + kPages / 2);
  for (size_t page = 0; page < kPages; ++page) memory[page * kPage] = 1;
  CHECK(resident_pages() >= before + kPages * 9 / 10);
  CHECK(munmap(memory, kPages * kPage) == 0 && resident_pages() < before + kPages / 2);
  passed("what is resident");
}

}  // namespace

int main() {
  catch_faults();
  areas();
  names();
  figures();
  resident();
}
