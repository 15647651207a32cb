// Memory for the guest kernel's own objects: size classes over runs of pages. Exhaustion is a null pointer, never a
// trap.
#pragma once

#include <new>
#include <utility>

#include "abi/types.h"

namespace mayfly::kernel {

/// Allocator over one contiguous region. Freed blocks are reused by the same size class; memory comes zeroed.
class Heap {
 public:
  /// @param base page-aligned start of the region; pages may appear lazily at the first touch
  /// @param size_bytes the limit of all kernel objects together
  void init(u64 base, u64 size_bytes) {
    next_ = base;
    end_ = base + size_bytes;
  }

  /// @return zeroed memory aligned to min(size rounded up to a power of two, 4096), or null when the limit is reached
  [[nodiscard]] void* allocate(u64 size_bytes);
  void release(void* block, u64 size_bytes);
  /// One zeroed page.
  [[nodiscard]] u8* allocate_page() { return static_cast<u8*>(allocate(abi::kPageSize)); }
  void release_page(void* page) { release(page, abi::kPageSize); }

  [[nodiscard]] u64 used_bytes() const { return used_; }

  /// Constructs a T, or returns null when there is no memory. Free it by `destroy`.
  template <typename T, typename... Args>
  [[nodiscard]] T* make(Args&&... args) {
    void* memory = allocate(sizeof(T));
    return memory == nullptr ? nullptr : new (memory) T(std::forward<Args>(args)...);
  }
  template <typename T>
  void destroy(T* object) {
    object->~T();
    release(object, sizeof(T));
  }

 private:
  static constexpr unsigned kSmallestOrder = 5;  // 32 bytes
  static constexpr unsigned kLargestOrder = 24;  // 16 MiB
  struct Free {
    Free* next;
  };
  static unsigned order_of(u64 size_bytes);
  void* refill(unsigned order);

  u64 next_ = 0;
  u64 end_ = 0;
  u64 used_ = 0;
  Free* free_[kLargestOrder + 1] = {};
};

}  // namespace mayfly::kernel
