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

/// Writes an entry, remembering what a reset has to put back and what must be flushed.
void AddressMap::set(Pte& entry, Pte value) {
  if (entry == value) return;
  if (entry.is_downgrade_to(value)) {
    ++counters_.downgrades;
    to_flush_.push_back(memory_.page(entry.frame()));
  }
  if (memory_.frozen()) {
    bool other_frame = !entry.same_frame(value);
    bool of_snapshot = entry.bound() && !owns_growth(entry);
    if (other_frame || of_snapshot) {
      Pte original = changes_.try_emplace(&entry, entry).first->second;
      if (other_frame && owns_growth(entry) && !original.same_frame(entry)) displaced_.push_back(entry.frame());
    }
  }
  entry = value;
}

/// The page has its own frame again, if it has one, without contents.
void AddressMap::end_alias(Pte& entry) {
  auto changed = changes_.find(&entry);
  bool has_own = changed != changes_.end() && changed->second.bound() && !changed->second.is_alias();
  set(entry, has_own ? changed->second.emptied() : Pte());
}

/// Makes KVM drop its translations of the collected pages. Under software virtualisation nothing else does (INVLPG and
/// CR3 loads have no effect on stale entries); on hardware the same notifier flushes the TLB.
void AddressMap::flush_translations() {
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

/// No translation is left, so that displaced frames may be bound to other pages.
void AddressMap::flush() {
  flush_translations();
  for (Gpa frame : displaced_) memory_.recycle(frame);
  displaced_.clear();
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
      if (is_watching_) entry = entry.unused();
    }
    first = first + entries.size() * kPageSize;
    pages -= entries.size();
  }
  flush();
  return 0;
}

void AddressMap::protect(Gva first, u64 pages, u32 protection) {
  tables_.for_each_bound(first, pages, [&](Gva, Pte& entry) {
    if (entry.has_contents()) set(entry, entry.with_protection(protection));
  });
  flush();
}

void AddressMap::unmap(Gva first, u64 pages) {
  std::vector<Gpa> released;
  tables_.for_each_bound(first, pages, [&](Gva, Pte& entry) {
    if (entry.is_alias()) {
      end_alias(entry);
    } else if (memory_.frozen()) {
      memory_.zero(entry.frame());
      set(entry, entry.emptied());
    } else {
      released.push_back(entry.frame());
      entry = Pte();
    }
  });
  flush();
  memory_.release(std::move(released));
}

long AddressMap::alias(Gva first, u64 pages, u32 protection, Gva source) {
  if (long error = map(source, pages, abi::kProtRead | abi::kProtWrite); error != 0) return error;
  if (!memory_.frozen()) unmap(first, pages);
  for (u64 offset = 0; offset < pages * kPageSize; offset += kPageSize) {
    Pte& entry = tables_.entry(first + offset);
    if (entry.bound() && !entry.is_alias()) memory_.zero(entry.frame());
    set(entry, Pte::alias(tables_.entry(source + offset).frame(), protection));
  }
  flush();
  return 0;
}

/// Before the freeze frames change their places, later contents do: see the rules.
long AddressMap::move(Gva from, u64 pages, u32 protection, Gva to) {
  std::vector<Gva> moving;
  for_each_with_contents(from, pages, [&](Gva gva) { moving.push_back(gva); });
  if (!memory_.frozen()) {
    unmap(to, pages);
    for (Gva gva : moving) {
      Pte& entry = tables_.entry(gva);
      if (entry.is_alias()) continue;
      tables_.entry(to + (gva - from)) = entry.with_protection(protection);
      set(entry, Pte());
    }
  } else {
    for (Gva gva : moving) {
      if (long error = map(to + (gva - from), 1, protection); error != 0) return error;
    }
    for (Gva gva : moving) {
      std::byte* target = host_page(to + (gva - from));
      std::memcpy(target, host_page(gva), kPageSize);
      memory_.host_wrote(target, kPageSize);
    }
  }
  unmap(from, pages);
  return 0;
}

void AddressMap::zero(Gva first, u64 pages) {
  std::vector<Gpa> frames;
  tables_.for_each_bound(first, pages, [&](Gva, Pte& entry) {
    if (memory_.frozen()) {
      memory_.zero(entry.frame());
    } else {
      frames.push_back(entry.frame());
    }
  });
  memory_.punch(std::move(frames));
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

void AddressMap::for_each_with_contents(Gva first, u64 pages, const std::function<void(Gva)>& visit) {
  tables_.for_each_bound(first, pages, [&](Gva gva, Pte& entry) {
    if (entry.has_contents()) visit(gva);
  });
}

void AddressMap::for_each_resident(Gva first, u64 pages, const std::function<void(Gva)>& visit) {
  std::vector<Gva> candidates;
  std::vector<std::byte*> memory;
  tables_.for_each_bound(first, pages, [&](Gva gva, Pte& entry) {
    if (!entry.has_contents()) return;
    candidates.push_back(gva);
    memory.push_back(memory_.page(entry.frame()));
  });
  std::vector<bool> resident = memory_.resident(memory);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (resident[i]) visit(candidates[i]);
  }
}

void AddressMap::watch_use() {
  is_watching_ = true;
  tables_.for_each_bound([](Gva, Pte& entry) { entry = entry.unused(); });
  memory_.drop_translations();
}

std::vector<Gpa> AddressMap::pack(u64 kept_bytes) {
  enum Use : u8 { written, read, none, unbound };
  std::vector<Use> use(memory_.used_base_bytes() / kPageSize, unbound);
  tables_.for_each_bound([&](Gva, Pte& entry) {
    Use now = entry.was_written() ? written : entry.was_accessed() ? read : none;
    Use& known = use[entry.frame().value() / kPageSize];
    known = std::min(known, now);
    entry = entry.used();
  });
  u64 kept = kept_bytes / kPageSize;
  std::vector<Gpa> order;
  std::vector<Gpa> renumbered(use.size());
  for (Use wanted : {written, read, none}) {
    for (u64 frame = kept; frame < use.size(); ++frame) {
      if (use[frame] != wanted) continue;
      renumbered[frame] = Gpa(kept_bytes + order.size() * kPageSize);
      order.emplace_back(frame * kPageSize);
    }
  }
  tables_.for_each_bound([&](Gva, Pte& entry) {
    u64 frame = entry.frame().value() / kPageSize;
    if (frame >= kept) entry = entry.with_frame(renumbered[frame]);
  });
  return order;
}

void AddressMap::reset() {
  if (changes_.empty()) return;
  for (auto [entry, original] : changes_) {
    if (!original.bound() && owns_growth(*entry)) continue;  // as any page that was bound since
    if (entry->is_downgrade_to(original)) {
      ++counters_.downgrades;
      to_flush_.push_back(memory_.page(entry->frame()));
    }
    if (owns_growth(*entry) && !original.same_frame(*entry)) displaced_.push_back(entry->frame());
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
    bool growth = !was_bound && frame >= kGrowthBase.value() && frame < kTablesBase.value() && !Pte::is_alias(now);
    if (!new_table && !growth) {
      findings.push_back(fmt::format("page table entry at {:#x}: {:#x} in place of {:#x}", offset, now, then));
    }
  };
  const auto* now = reinterpret_cast<const u64*>(memory_.tables().data());
  const auto* then = reinterpret_cast<const u64*>(image.pristine_tables.data());
  for (u64 word = 0; word < tables_used() / sizeof(u64); ++word) compare(word * sizeof(u64), now[word], then[word]);
  return findings;
}

}  // namespace mayfly::vm
