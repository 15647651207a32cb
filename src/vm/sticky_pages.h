// The pages of a memory slot that a reset puts back: once dirtied, always put back (the *sticky set*). Protecting a
// page again, to learn whether it is dirtied again, would cost more than copying it.
#pragma once

#include <span>
#include <vector>

#include "abi/types.h"

namespace mayfly::vm {

/// Grows only. Not thread-safe.
class StickyPages {
 public:
  /// Neighbouring pages, to be copied in one go.
  struct Run {
    u64 first;
    u64 pages;
  };

  /// @param pages of the slot
  explicit StickyPages(u64 pages) : known_((pages + kWordBits - 1) / kWordBits) {}

  /// @param page below the slot's number of pages; may be known already
  void add(u64 page) {
    u64& word = known_[page / kWordBits];
    u64 bit = u64{1} << page % kWordBits;
    stale_ |= (word & bit) == 0;
    word |= bit;
  }
  /// @param bitmap a bit for each page of the slot, as KVM_GET_DIRTY_LOG gives it
  void add_all(std::span<const u64> bitmap);

  /// All pages, in ascending order; valid until a page is added.
  [[nodiscard]] std::span<const Run> runs() {
    if (stale_) rebuild();
    return runs_;
  }

 private:
  static constexpr u64 kWordBits = 64;
  void rebuild();

  std::vector<u64> known_;
  std::vector<Run> runs_;
  bool stale_ = false;  // pages were added since runs_ was made
};

}  // namespace mayfly::vm
