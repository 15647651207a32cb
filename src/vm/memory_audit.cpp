// Comparing a machine's memory with its snapshot, page by page.
#include <fcntl.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "vm/memory.h"

namespace mayfly::vm {
namespace {

using abi::kPageSize;
constexpr std::size_t kMaxDifferences = 16;
constexpr u64 kPresent = u64{1} << 63, kSwapped = u64{1} << 62, kFilePage = u64{1} << 61;

/// Pages of a private mapping that are copies: the others are the snapshot's own pages and cannot differ.
class PrivatePages {
 public:
  PrivatePages() : fd_(check(::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC), "open(/proc/self/pagemap)")) {}

  template <typename Visit>
  void for_each(const Mapping& mapping, Visit visit) const {
    std::vector<u64> entries(mapping.size() / kPageSize);
    u64 first = reinterpret_cast<u64>(mapping.data()) / kPageSize;
    auto wanted = static_cast<ssize_t>(entries.size() * sizeof(u64));
    ssize_t got =
        ::pread(fd_.get(), entries.data(), static_cast<std::size_t>(wanted), static_cast<off_t>(first * sizeof(u64)));
    if (got != wanted) throw Error("/proc/self/pagemap: short read, {} of {} bytes", got, wanted);
    for (std::size_t page = 0; page < entries.size(); ++page) {
      bool there = (entries[page] & (kPresent | kSwapped)) != 0;
      if (there && (entries[page] & kFilePage) == 0) visit(page);
    }
  }

 private:
  UniqueFd fd_;
};

}  // namespace

std::vector<Gpa> GuestMemory::differing_pages() const {
  static const std::vector<std::byte> zero_page(kPageSize);
  std::vector<Gpa> different;
  auto compare = [&](const Mapping& mapping, Gpa base, auto expected) {
    PrivatePages().for_each(mapping, [&](u64 page) {
      if (std::memcmp(mapping.data() + page * kPageSize, expected(page), kPageSize) == 0) return;
      if (different.size() < kMaxDifferences) different.push_back(base + page * kPageSize);
    });
  };
  compare(base_, Gpa(0), [&](u64 page) { return image_->pristine.data() + page * kPageSize; });
  compare(growth_, kGrowthBase, [&](u64) { return zero_page.data(); });
  return different;
}

}  // namespace mayfly::vm
