#include "vm/address_map.h"

#include <errno.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace mayfly::vm {
namespace {
using abi::kPageSize;
}

AddressMap::AddressMap(GuestMemory& memory, u64 tables_used)
    : memory_(memory), tables_(memory.tables(), kTablesBase, tables_used) {}

/// Writes an entry, remembering what the snapshot had there and what must be flushed.
void AddressMap::set(Pte& entry, Pte value) {
  if (entry == value) return;
  if (entry.is_downgrade_to(value)) {
    ++counters_.downgrades;
    to_flush_.push_back(memory_.page(entry.frame()));
  }
  if (memory_.frozen() && entry.bound() && !memory_.is_growth(entry.frame())) changes_.push_back({&entry, entry});
  entry = value;
}

/// Makes KVM drop its translations of the collected pages. Under software virtualisation nothing else does (INVLPG and
/// CR3 loads have no effect on stale entries); on hardware the same notifier flushes the TLB.
void AddressMap::flush() {
  if (to_flush_.empty()) return;
  std::sort(to_flush_.begin(), to_flush_.end());
  for (std::size_t first = 0; first < to_flush_.size();) {
    std::size_t last = first;
    while (last + 1 < to_flush_.size() &&
           to_flush_[last + 1] - to_flush_[last] <= static_cast<std::ptrdiff_t>(kPageSize)) {
      ++last;
    }
    auto size = static_cast<std::size_t>(to_flush_[last] - to_flush_[first]) + kPageSize;
    check(::mprotect(to_flush_[first], size, PROT_READ), "mprotect({} bytes, read)", size);
    check(::mprotect(to_flush_[first], size, PROT_READ | PROT_WRITE), "mprotect({} bytes, read write)", size);
    ++counters_.flushes;
    first = last + 1;
  }
  to_flush_.clear();
}

long AddressMap::map(Gva first, u64 pages, u32 protection) {
  while (pages > 0) {
    std::span<Pte> entries = tables_.entries(first, pages, true);
    for (Pte& entry : entries) {
      if (entry.bound()) {
        set(entry, entry.with_protection(protection));
        continue;
      }
      Gpa frame;
      if (!memory_.allocate(frame)) {
        flush();
        return -ENOMEM;
      }
      ++counters_.frames_bound;
      entry = Pte::user(frame, protection);
    }
    first = first + entries.size() * kPageSize;
    pages -= entries.size();
  }
  flush();
  return 0;
}

void AddressMap::protect(Gva first, u64 pages, u32 protection) {
  tables_.for_each_bound(first, pages, [&](Gva, Pte& entry) { set(entry, entry.with_protection(protection)); });
  flush();
}

void AddressMap::unmap(Gva first, u64 pages) {
  if (memory_.frozen()) {
    zero(first, pages);
    return;
  }
  std::vector<Gpa> frames;
  tables_.for_each_bound(first, pages, [&](Gva, Pte& entry) {
    frames.push_back(entry.frame());
    entry = Pte();
  });
  memory_.release(std::move(frames));
}

void AddressMap::zero(Gva first, u64 pages) {
  tables_.for_each_bound(first, pages, [&](Gva, Pte& entry) { memory_.zero(entry.frame()); });
}

void AddressMap::map_system(Gva page, bool writable) {
  Gpa frame;
  if (!memory_.allocate(frame)) throw Error("no guest memory for the system pages: raise --memory");
  tables_.entries(page, 1, true).front() = Pte::system(frame, writable);
}

std::byte* AddressMap::host_page(Gva page) {
  std::span<Pte> entries = tables_.entries(page, 1, false);
  return entries.empty() || !entries.front().bound() ? nullptr : memory_.page(entries.front().frame());
}

void AddressMap::for_each_page(Gva first, u64 pages, const std::function<void(Gva, std::byte*)>& visit) {
  tables_.for_each_bound(first, pages, [&](Gva gva, Pte& entry) { visit(gva, memory_.page(entry.frame())); });
}

void AddressMap::reset() {
  // Backwards, so that an entry that changed twice ends with what it had first.
  for (std::size_t i = changes_.size(); i-- > 0;) {
    auto [entry, original] = changes_[i];
    if (entry->is_downgrade_to(original)) {
      ++counters_.downgrades;
      to_flush_.push_back(memory_.page(original.frame()));
    }
    *entry = original;
  }
  changes_.clear();
  flush();
}

std::vector<std::string> AddressMap::audit(const MemoryImage& image) {
  std::vector<std::string> findings;
  auto compare = [&](u64 offset, const u64 now, const u64 then) {
    if (now == then) return;
    bool was_bound = then != 0;
    u64 frame = now & 0x000f'ffff'ffff'f000;
    bool new_table = !was_bound && frame >= kTablesBase.value() + image.tables_used;
    bool growth = !was_bound && frame >= kGrowthBase.value() && frame < kTablesBase.value();
    if (!new_table && !growth) {
      findings.push_back(fmt::format("page table entry at {:#x}: {:#x} in place of {:#x}", offset, now, then));
    }
  };
  const auto* now = reinterpret_cast<const u64*>(memory_.tables().data());
  const auto* then = reinterpret_cast<const u64*>(image.pristine_tables.data());
  for (u64 word = 0; word < image.tables_used / sizeof(u64); ++word) compare(word * sizeof(u64), now[word], then[word]);
  return findings;
}

}  // namespace mayfly::vm
