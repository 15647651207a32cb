// The guest's address space as the host edits it: binding frames to pages, changing rights, and undoing both at a
// reset.
#pragma once

#include <memory>
#include <span>
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

/// Rules: a page that once has a frame keeps it as long as the machine lives (unmapping zeroes it), so that contents
/// can never change places behind the processor's back; rights may grow for free, taking them away costs a flush.
/// Ranges are page-aligned and were checked by the caller. Not thread-safe.
class AddressMap {
 public:
  /// @param memory outlives this
  AddressMap(GuestMemory& memory, u64 tables_used);

  [[nodiscard]] Gpa root() const { return tables_.root(); }
  [[nodiscard]] u64 tables_used() const { return tables_.used_bytes(); }

  /// Makes every page of the range present with `protection`, binding zeroed frames where there are none.
  /// @return 0 or -ENOMEM (then some pages may have been bound)
  [[nodiscard]] long map(Gva first, u64 pages, u32 protection);
  /// Changes the rights of the pages that have frames.
  void protect(Gva first, u64 pages, u32 protection);
  /// Forgets contents: the frames are zeroed; before the freeze they are given back.
  void unmap(Gva first, u64 pages);
  /// Zeroes the frames that are there.
  void zero(Gva first, u64 pages);
  /// Binds one frame that only the processor uses.
  void map_system(Gva page, bool writable);

  /// Host address of a bound page, or null.
  [[nodiscard]] std::byte* host_page(Gva page);
  /// Calls `visit(gva, host page)` for every page in the range that has a frame.
  void for_each_page(Gva first, u64 pages, const std::function<void(Gva, std::byte*)>& visit);

  /// Gives the snapshot's pages their rights back.
  void reset();
  /// @return descriptions of entries that differ from the snapshot's, or that no machine should have
  [[nodiscard]] std::vector<std::string> audit(const MemoryImage& image);
  [[nodiscard]] const AddressMapCounters& counters() const { return counters_; }

 private:
  struct Change {
    Pte* entry;
    Pte original;
  };
  void set(Pte& entry, Pte value);
  void flush();

  GuestMemory& memory_;
  PageTables tables_;
  std::vector<Change> changes_;       // of the snapshot's entries, since the last reset
  std::vector<std::byte*> to_flush_;  // host pages whose translations must go
  AddressMapCounters counters_;
};

}  // namespace mayfly::vm
