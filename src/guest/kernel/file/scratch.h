// A page for the time of a call: paths are too long for the kernel stack.
#pragma once

#include "guest/kernel/core/heap.h"

namespace mayfly::kernel {

/// Zeroed memory of kPathBytes; false when there was none.
class Scratch {
 public:
  explicit Scratch(Heap& heap) : heap_(heap), page_(heap.allocate_page()) {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { heap_.release_page(page_); }

  explicit operator bool() const { return page_ != nullptr; }
  [[nodiscard]] char* text() const { return reinterpret_cast<char*>(page_); }

 private:
  Heap& heap_;
  u8* page_;
};

}  // namespace mayfly::kernel
