#include "guest/kernel/core/heap.h"

#include <cstring>

namespace mayfly::kernel {

unsigned Heap::order_of(u64 size_bytes) {
  unsigned order = kSmallestOrder;
  while ((u64{1} << order) < size_bytes) ++order;
  return order;
}

void* Heap::allocate(u64 size_bytes) {
  unsigned order = order_of(size_bytes);
  if (order > kLargestOrder) return nullptr;
  void* block = free_[order];
  if (block != nullptr) {
    free_[order] = free_[order]->next;
    std::memset(block, 0, size_bytes);
  } else {
    block = refill(order);
  }
  if (block != nullptr) used_ += u64{1} << order;
  return block;
}

/// Takes fresh memory, which is zero already; a page's worth of small blocks at a time.
void* Heap::refill(unsigned order) {
  u64 block_size = u64{1} << order;
  u64 run_size = block_size < abi::kPageSize ? abi::kPageSize : block_size;
  if (end_ - next_ < run_size) return nullptr;
  u64 run = next_;
  next_ += run_size;
  for (u64 block = run + run_size - block_size; block > run; block -= block_size) {
    auto* free_block = reinterpret_cast<Free*>(block);
    free_block->next = free_[order];
    free_[order] = free_block;
  }
  return reinterpret_cast<void*>(run);
}

void Heap::release(void* block, u64 size_bytes) {
  if (block == nullptr) return;
  unsigned order = order_of(size_bytes);
  auto* free_block = static_cast<Free*>(block);
  free_block->next = free_[order];
  free_[order] = free_block;
  used_ -= u64{1} << order;
}

}  // namespace mayfly::kernel
