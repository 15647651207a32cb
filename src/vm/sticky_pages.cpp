#include "vm/sticky_pages.h"

#include <bit>

namespace mayfly::vm {

void StickyPages::add_all(std::span<const u64> bitmap) {
  for (std::size_t word = 0; word < bitmap.size(); ++word) {
    stale_ |= (bitmap[word] & ~known_[word]) != 0;
    known_[word] |= bitmap[word];
  }
}

void StickyPages::rebuild() {
  runs_.clear();
  for (std::size_t word = 0; word < known_.size(); ++word) {
    for (u64 left = known_[word]; left != 0; left &= left - 1) {
      u64 page = word * kWordBits + static_cast<u64>(std::countr_zero(left));
      bool continues = !runs_.empty() && runs_.back().first + runs_.back().pages == page;
      if (continues) {
        ++runs_.back().pages;
      } else {
        runs_.push_back({page, 1});
      }
    }
  }
  stale_ = false;
}

}  // namespace mayfly::vm
