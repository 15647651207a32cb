#include "vm/page_table.h"

#include <algorithm>

#include "base/error.h"

namespace mayfly::vm {
namespace {

// Rights are decided by the last level; a table entry grants everything.
constexpr u64 kTableFlags = 0x67;  // present, writable, user, accessed, dirty
constexpr u64 kFrameMask = 0x000f'ffff'ffff'f000;

constexpr u64 index_at(Gva gva, unsigned level) {
  return gva.value() >> (12 + 9 * level) & (kPtesPerTable - 1);
}

}  // namespace

PageTables::PageTables(std::span<std::byte> memory, Gpa base, u64 used_bytes)
    : memory_(memory), base_(base), used_(used_bytes == 0 ? abi::kPageSize : used_bytes) {}

/// A table named by an entry. On VMX/SVM a guest in ring 0 could have written the entry: it is checked like any value.
u64* PageTables::table_at(u64 entry) {
  u64 offset = (entry & kFrameMask) - base_.value();
  if (offset >= memory_.size()) throw Error("a page table entry {:#x} leaves the guest's table memory", entry);
  return reinterpret_cast<u64*>(memory_.data() + offset);
}

u64* PageTables::descend(u64* table, u64 index, bool create) {
  if ((table[index] & 1) == 0) {
    if (!create) return nullptr;
    if (used_ + abi::kPageSize > memory_.size()) {
      throw PageTablesFull("the page tables are full ({} KiB): the program maps memory too sparsely",
                           memory_.size() / 1024);
    }
    table[index] = (base_.value() + used_) | kTableFlags;
    used_ += abi::kPageSize;
  }
  return table_at(table[index]);
}

std::span<Pte> PageTables::entries(Gva first, u64 pages, bool create) {
  auto* table = reinterpret_cast<u64*>(memory_.data());
  for (unsigned level = 3; level > 0 && table != nullptr; --level)
    table = descend(table, index_at(first, level), create);
  if (table == nullptr) return {};
  u64 index = index_at(first, 0);
  return {reinterpret_cast<Pte*>(table) + index, std::min(pages, kPtesPerTable - index)};
}

/// The end of the largest aligned range around `gva` for which there is no table: a walk over the whole address space
/// must not take 2 MiB steps.
u64 PageTables::absent_until(u64 gva) {
  auto* table = reinterpret_cast<u64*>(memory_.data());
  for (unsigned level = 3; level > 0; --level) {
    u64 size = abi::kPageSize << 9 * level;
    table = descend(table, index_at(Gva(gva), level), false);
    if (table == nullptr) return (gva / size + 1) * size;
  }
  return gva;
}

void PageTables::for_each_bound(Gva first, u64 pages, const std::function<void(Gva, Pte&)>& visit) {
  u64 gva = first.value();
  u64 end = gva + pages * abi::kPageSize;
  while (gva < end) {
    std::span<Pte> found = entries(Gva(gva), (end - gva) / abi::kPageSize, false);
    if (found.empty()) {
      gva = absent_until(gva);
      continue;
    }
    for (Pte& pte : found) {
      if (pte.bound()) visit(Gva(gva), pte);
      gva += abi::kPageSize;
    }
  }
}

}  // namespace mayfly::vm
