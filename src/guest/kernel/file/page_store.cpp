#include "guest/kernel/file/page_store.h"

#include <cstring>

#include "guest/kernel/arch/host.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kFirstCapacity = 8;

u64 smaller(u64 a, u64 b) {
  return a < b ? a : b;
}

}  // namespace

PageStore::~PageStore() {
  release_from(0);
  if (table_ != nullptr) heap_.release(table_, capacity_ * sizeof(u8*));
}

void PageStore::release_from(u64 index) {
  for (; index < capacity_; ++index) {
    if (table_[index] == nullptr) continue;
    heap_.release_page(std::exchange(table_[index], nullptr));
    --pages_;
  }
}

bool PageStore::grow_table(u64 index) {
  u64 capacity = capacity_ == 0 ? kFirstCapacity : capacity_;
  while (capacity <= index) capacity *= 2;
  auto** table = static_cast<u8**>(heap_.allocate(capacity * sizeof(u8*)));
  if (table == nullptr) return false;
  if (table_ != nullptr) {
    std::memcpy(table, table_, capacity_ * sizeof(u8*));
    heap_.release(table_, capacity_ * sizeof(u8*));
  }
  table_ = table;
  capacity_ = capacity;
  return true;
}

u8* PageStore::page_for_write(u64 index) {
  if (index >= capacity_ && !grow_table(index)) return nullptr;
  if (table_[index] == nullptr) {
    table_[index] = heap_.allocate_page();
    if (table_[index] != nullptr) ++pages_;
  }
  return table_[index];
}

long PageStore::read(UserIo& io, u64 offset) const {
  static constexpr u8 kZeros[abi::kPageSize] = {};
  long total = 0;
  while (!io.done() && offset < size_) {
    u64 within = offset & abi::kPageMask;
    u64 step = smaller(smaller(abi::kPageSize - within, size_ - offset), io.remaining());
    const u8* source = page(offset / abi::kPageSize);
    long copied = io.copy_out(source == nullptr ? kZeros : source + within, step);
    if (copied < 0) return total > 0 ? total : copied;
    total += copied;
    offset += static_cast<u64>(copied);
    if (static_cast<u64>(copied) < step) break;
  }
  return total;
}

long PageStore::write(UserIo& io, u64 offset) {
  if (offset >= kMaxBytes) return io.done() ? 0 : -EFBIG;
  long total = 0;
  while (!io.done() && offset < kMaxBytes) {
    u64 within = offset & abi::kPageMask;
    u64 step = smaller(abi::kPageSize - within, io.remaining());
    u8* target = page_for_write(offset / abi::kPageSize);
    if (target == nullptr) return total > 0 ? total : -ENOSPC;
    long copied = io.copy_in(target + within, step);
    if (copied < 0) return total > 0 ? total : copied;
    total += copied;
    offset += static_cast<u64>(copied);
    if (offset > size_) size_ = offset;
    if (static_cast<u64>(copied) < step) break;
  }
  return total;
}

long PageStore::resize(u64 size_bytes) {
  if (size_bytes > kMaxBytes) return -EFBIG;
  if (size_bytes < size_) {
    u64 first_gone = abi::page_ceil(size_bytes) / abi::kPageSize;
    if (views_ != nullptr) views_->hide(*this, first_gone, PageViews::kFileEnds);
    release_from(first_gone);
    // What grows again later must be zeros.
    u8* last = page(size_bytes / abi::kPageSize);
    u64 within = size_bytes & abi::kPageMask;
    if (last != nullptr && within != 0) std::memset(last + within, 0, abi::kPageSize - within);
  }
  size_ = size_bytes;
  return 0;
}

long PageStore::allocate(u64 offset, u64 size_bytes) {
  if (offset > kMaxBytes || size_bytes > kMaxBytes - offset) return -EFBIG;
  u64 end = abi::page_ceil(offset + size_bytes) / abi::kPageSize;
  for (u64 index = offset / abi::kPageSize; index < end; ++index) {
    if (page_for_write(index) == nullptr) return -ENOSPC;
  }
  return 0;
}

void PageStore::punch(u64 offset, u64 size_bytes) {
  if (offset >= size_) return;
  u64 end = smaller(size_, offset + smaller(size_bytes, size_));
  u64 first_whole = abi::page_ceil(offset) / abi::kPageSize;
  u64 end_whole = end / abi::kPageSize;
  if (views_ != nullptr && first_whole < end_whole) views_->hide(*this, first_whole, end_whole);
  while (offset < end) {
    u64 within = offset & abi::kPageMask;
    u64 step = smaller(abi::kPageSize - within, end - offset);
    u64 index = offset / abi::kPageSize;
    u8* target = page(index);
    if (target != nullptr && step == abi::kPageSize) {
      heap_.release_page(std::exchange(table_[index], nullptr));
      --pages_;
    } else if (target != nullptr) {
      std::memset(target + within, 0, step);
    }
    offset += step;
  }
}

u64 PageStore::next_data(u64 offset) const {
  u64 index = offset / abi::kPageSize;
  if (page(index) != nullptr) return offset;
  while (index < capacity_ && table_[index] == nullptr) ++index;
  return index < capacity_ ? smaller(index * abi::kPageSize, size_) : size_;
}

u64 PageStore::next_hole(u64 offset) const {
  u64 index = offset / abi::kPageSize;
  if (page(index) == nullptr) return offset;
  while (page(index) != nullptr) ++index;
  return smaller(index * abi::kPageSize, size_);
}

long PageStore::map(u64 address, u64 pages, u32 protection, u64 offset) const {
  constexpr u32 kWritable = abi::kProtRead | abi::kProtWrite;
  if (long error = host_call(abi::Call::map, address, pages, protection | kWritable); error != 0) return error;
  for (u64 i = 0; i < pages; ++i) {
    u64 target = address + i * abi::kPageSize;
    const u8* source = page(offset / abi::kPageSize + i);
    bool copied = source == nullptr ? zero_user(target, abi::kPageSize) : copy_to_user(target, source, abi::kPageSize);
    if (!copied) return -ENOMEM;
  }
  if ((protection & kWritable) == kWritable) return 0;
  return host_call(abi::Call::protect, address, pages, protection);
}

}  // namespace mayfly::kernel
