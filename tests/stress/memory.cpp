// Threads that map, fill, protect, move, empty and unmap memory of their own, and always find in it what they put
// there.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vector>

#include "stress.h"

namespace {

constexpr std::size_t kPage = 4096;

/// A mapping whose pages each hold a tag of their own, or zero.
class Region {
 public:
  Region(stress::Random& random, int pipe_in) : pages_(1 + random.below(32)), tags_(pages_), pipe_in_(pipe_in) {
    int kind = random.chance(4) ? MAP_SHARED : MAP_PRIVATE;
    shared_ = kind == MAP_SHARED;
    void* memory = mmap(nullptr, pages_ * kPage, PROT_READ | PROT_WRITE, kind | MAP_ANONYMOUS, -1, 0);
    HOLDS(memory != MAP_FAILED);
    base_ = static_cast<char*>(memory);
  }
  Region(Region&& other) noexcept { *this = std::move(other); }
  Region& operator=(Region&& other) noexcept {
    std::swap(base_, other.base_);
    std::swap(pages_, other.pages_);
    std::swap(tags_, other.tags_);
    std::swap(shared_, other.shared_);
    std::swap(was_split_, other.was_split_);
    pipe_in_ = other.pipe_in_;
    return *this;
  }
  ~Region() {
    if (base_ != nullptr) HOLDS(munmap(base_, pages_ * kPage) == 0);
  }

  void fill(stress::Random& random) {
    std::size_t page = random.below(pages_);
    tags_[page] = random.next() | 1;
    *word(page) = tags_[page];
    *(word(page) + kPage / 8 - 1) = tags_[page];
  }
  void check() {
    for (std::size_t page = 0; page < pages_; ++page) {
      HOLDS(*word(page) == tags_[page]);
      HOLDS(*(word(page) + kPage / 8 - 1) == tags_[page]);
    }
  }
  void empty(stress::Random& random) {
    if (shared_) return;
    std::size_t first = random.below(pages_);
    std::size_t count = 1 + random.below(pages_ - first);
    HOLDS(madvise(base_ + first * kPage, count * kPage, MADV_DONTNEED) == 0);
    for (std::size_t page = first; page < first + count; ++page) tags_[page] = 0;
  }
  /// The kernel respects protections in the program's stead.
  void protect(stress::Random& random) {
    std::size_t page = random.below(pages_);
    char* at = base_ + page * kPage;
    HOLDS(mprotect(at, kPage, PROT_NONE) == 0);
    HOLDS(write(pipe_in_, at, 8) == -1 && errno == EFAULT);
    HOLDS(mprotect(at, kPage, PROT_READ) == 0);
    HOLDS(*word(page) == tags_[page]);
    HOLDS(mprotect(at, kPage, PROT_READ | PROT_WRITE) == 0);
    was_split_ = true;
  }
  /// Areas that a change of protection has split need not become one again, and mremap moves no more than one.
  void resize(stress::Random& random) {
    if (shared_) return;
    std::size_t wanted = 1 + random.below(48);
    void* moved = mremap(base_, pages_ * kPage, wanted * kPage, MREMAP_MAYMOVE);
    if (moved == MAP_FAILED) {
      HOLDS(was_split_ && errno == EFAULT);
      return;
    }
    base_ = static_cast<char*>(moved);
    pages_ = wanted;
    tags_.resize(wanted);
  }

 private:
  [[nodiscard]] std::uint64_t* word(std::size_t page) const {
    return reinterpret_cast<std::uint64_t*>(base_ + page * kPage);
  }
  char* base_ = nullptr;
  std::size_t pages_ = 0;
  std::vector<std::uint64_t> tags_;
  bool shared_ = false;
  bool was_split_ = false;
  int pipe_in_ = -1;
};

void work(stress::Worker& worker) {
  int ends[2];
  HOLDS(pipe(ends) == 0);
  std::vector<Region> regions;
  stress::Random& random = worker.random;
  do {
    if (regions.size() < 12 && random.chance(4)) regions.emplace_back(random, ends[1]);
    if (regions.empty()) continue;
    std::size_t index = random.below(regions.size());
    Region& region = regions[index];
    switch (random.below(8)) {
      case 0:
        region.protect(random);
        break;
      case 1:
        region.empty(random);
        break;
      case 2:
        region.resize(random);
        break;
      case 3:
        region.check();
        if (!random.chance(3)) break;
        std::swap(region, regions.back());
        regions.pop_back();
        break;
      default:
        region.fill(random);
    }
  } while (worker.go_on());
  for (Region& region : regions) region.check();
  close(ends[0]);
  close(ends[1]);
}

/// The break and large allocations of malloc, beside them.
void allocate(stress::Worker& worker) {
  stress::Random& random = worker.random;
  struct Block {
    unsigned char* data;
    std::size_t size;
    unsigned char tag;
  };
  std::vector<Block> blocks;
  do {
    if (blocks.size() < 64 && !random.chance(3)) {
      std::size_t size = 1 + random.below(random.chance(16) ? 600'000 : 5'000);
      auto* data = static_cast<unsigned char*>(std::malloc(size));
      HOLDS(data != nullptr);
      auto tag = static_cast<unsigned char>(random.next());
      std::memset(data, tag, size);
      blocks.push_back({data, size, tag});
    } else if (!blocks.empty()) {
      std::swap(blocks[random.below(blocks.size())], blocks.back());
      Block block = blocks.back();
      blocks.pop_back();
      HOLDS(block.data[0] == block.tag && block.data[block.size - 1] == block.tag);
      HOLDS(block.data[block.size / 2] == block.tag);
      std::free(block.data);
    }
  } while (worker.go_on());
  for (const Block& block : blocks) std::free(block.data);
}

}  // namespace

int main(int argc, char** argv) {
  stress::Stress stress(argc, argv);
  stress.start("mapping", 6, work);
  stress.start("allocating", 3, allocate);
  return stress.finish("memory");
}
