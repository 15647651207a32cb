// The guest's address space as the host edits it: binding frames to pages, changing rights, and undoing both at a
// reset.
#pragma once

#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "vm/memory.h"
#include "vm/page_table.h"

namespace mayfly::vm {

/// Totals since the machine was made.
struct AddressMapCounters {
  u64 frames_bound = 0;
  u64 downgrades = 0;  ///< pages that lost a right while in use
  u64 flushes = 0;     ///< ranges of host memory toggled so that KVM drops its translations
};

/// Rules: a page that once has a frame keeps it as long as the machine lives (unmapping zeroes it and takes the rights
/// away), so that contents can never change places behind the processor's back; rights may grow for free, taking them
/// away costs a flush. An alias shows another page's frame for a while, and costs a flush at its end; a reset ends
/// those that are not the snapshot's. Ranges are page-aligned and were checked by the caller. Not thread-safe.
class AddressMap {
 public:
  /// @param memory outlives this
  AddressMap(GuestMemory& memory, u64 tables_used);

  [[nodiscard]] Gpa root() const { return tables_.root(); }
  [[nodiscard]] u64 tables_used() const { return tables_.used_bytes(); }
  [[nodiscard]] u64 tables_free() const { return tables_.free_bytes(); }

  /// Makes every page of the range present with `protection`, binding zeroed frames where there are none.
  /// @return 0 or -ENOMEM (then some pages may have been bound)
  [[nodiscard]] long map(Gva first, u64 pages, u32 protection);
  /// Changes the rights of the pages that have contents; the others stay out of reach until they are mapped.
  void protect(Gva first, u64 pages, u32 protection);
  /// Forgets contents and takes all rights away: the frames are zeroed; before the freeze they are given back.
  void unmap(Gva first, u64 pages);
  /// Makes the range show the frames of [source, source + pages), which are bound if there are none; what it had is
  /// unmapped. Unmapping the range later leaves the frames and their contents to `source`.
  /// @param source a page that is never an alias itself @return 0 or -ENOMEM
  [[nodiscard]] long alias(Gva first, u64 pages, u32 protection, Gva source);
  /// Moves the contents of [from, from + pages) to `to`, which does not overlap it and has none; leaves `from`
  /// unmapped. Aliases are ended. @return 0 or -ENOMEM (then nothing has moved)
  [[nodiscard]] long move(Gva from, u64 pages, u32 protection, Gva to);
  /// Zeroes the frames that are there.
  void zero(Gva first, u64 pages);
  /// Binds one frame that only the processor uses.
  void map_system(Gva page, bool writable);

  /// Host address of a bound page, or null.
  [[nodiscard]] std::byte* host_page(Gva page);
  /// Calls `visit(gva, host page)` for every page in the range that has a frame.
  void for_each_page(Gva first, u64 pages, const std::function<void(Gva, std::byte*)>& visit);
  /// Calls `visit(gva)` for every page in the range that has contents: mapped since it was last unmapped.
  void for_each_with_contents(Gva first, u64 pages, const std::function<void(Gva)>& visit);
  /// Calls `visit(gva)` for every page in the range whose frame the host has given memory: those once touched.
  void for_each_resident(Gva first, u64 pages, const std::function<void(Gva)>& visit);

  /// From now on the tables tell which pages are used. Only before the freeze.
  void watch_use();
  /// Renumbers the frames so that those written since watch_use() come first, then those read, then the rest: what a
  /// request needs lies close together. Takes place with the freeze, which copies the frames to where they belong.
  /// @param kept_bytes frames below keep their numbers
  /// @return the frames that follow these, in their new order
  [[nodiscard]] std::vector<Gpa> pack(u64 kept_bytes);

  /// Gives the snapshot's pages their rights back and ends later aliases.
  void reset();
  /// @return descriptions of entries that differ from the snapshot's, or that no machine should have
  [[nodiscard]] std::vector<std::string> audit(const MemoryImage& image);
  [[nodiscard]] const AddressMapCounters& counters() const { return counters_; }

 private:
  void set(Pte& entry, Pte value);
  void end_alias(Pte& entry);
  void flush_translations();
  void flush();
  [[nodiscard]] bool owns_growth(Pte entry) const {
    return entry.bound() && !entry.is_alias() && memory_.is_growth(entry.frame());
  }

  GuestMemory& memory_;
  PageTables tables_;
  std::unordered_map<Pte*, Pte> changes_;  // what a reset puts back: the snapshot's entries, and those made aliases
  std::vector<std::byte*> to_flush_;       // host pages whose translations must go
  std::vector<Gpa> displaced_;             // zeroed growth frames that no page has any more once that is done
  bool is_watching_ = false;
  AddressMapCounters counters_;
};

}  // namespace mayfly::vm
