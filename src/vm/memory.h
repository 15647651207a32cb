// Guest-physical memory: base pages shared with a snapshot, growth pages of the machine's own, table pages.
//
//   [0, base)         the program as it was when frozen: a private mapping of the snapshot's memfd
//   [kGrowth, ...)    frames bound since; slots are added as they are needed
//   [kTables, ...)    page tables, kept out of the dirty log and of the reset; slots are added likewise
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/mapping.h"
#include "base/unique_fd.h"
#include "vm/address.h"
#include "vm/dirty_ring.h"
#include "vm/sticky_pages.h"

namespace mayfly::vm {

inline constexpr Gpa kGrowthBase{u64{1} << 36};
inline constexpr Gpa kTablesBase{u64{1} << 37};

/// The frozen memory that machines are made from. Immutable; shared by them.
struct MemoryImage {
  UniqueFd fd;  ///< memfd: base pages, then at `tables_offset` the tables
  u64 base_bytes = 0;
  u64 tables_offset = 0;
  u64 tables_used = 0;      ///< bytes
  Mapping pristine;         ///< read-only view of the base pages, to copy back from
  Mapping pristine_tables;  ///< likewise of the tables, for audits
};

/// How much one reset had to do.
struct ResetWork {
  u64 pages_copied = 0;  ///< from the snapshot
  u64 pages_zeroed = 0;  ///< of growth memory
};

/// Not thread-safe; one per machine.
class GuestMemory {
 public:
  /// Empty memory for a machine that boots: `base_bytes` of shared, unlogged memory.
  GuestMemory(int vm, u64 base_bytes);
  /// Memory of a machine made from a snapshot. @param growth_bytes limit of frames bound after the snapshot
  GuestMemory(int vm, std::shared_ptr<const MemoryImage> image, u64 growth_bytes);

  [[nodiscard]] bool frozen() const { return image_ != nullptr; }
  [[nodiscard]] std::span<std::byte> tables() const { return tables_.bytes(); }
  /// Lets the guest's processor see the first `used_bytes` of the tables. Before it runs with them.
  void show_tables(u64 used_bytes);
  /// Host address of a frame of base or growth memory. Throws Error for anything else.
  [[nodiscard]] std::byte* page(Gpa frame) const;
  [[nodiscard]] bool is_growth(Gpa frame) const { return frame >= kGrowthBase; }

  /// A zeroed frame. @return false when the limit is reached
  [[nodiscard]] bool allocate(Gpa& frame);
  /// Zeroes frames and gives their memory back to the host; only before the freeze.
  void punch(std::vector<Gpa> frames);
  /// Gives back frames; only before the freeze. Their contents are zeroed.
  void release(std::vector<Gpa> frames);
  /// Takes back a zeroed growth frame that no page has any more, and no translation leads to.
  void recycle(Gpa frame) { free_.push_back(frame); }
  /// Notes that the host has changed [address, address + size): KVM's log does not show it.
  void host_wrote(const std::byte* address, u64 size_bytes);
  /// Zeroes a frame unless it is zero already.
  void zero(Gpa frame);

  /// Which of the pages at these host addresses the host has given memory.
  [[nodiscard]] std::vector<bool> resident(std::span<std::byte* const> pages);

  /// From now on the ring tells what the guest has dirtied, in place of the dirty log. Before the guest first runs.
  void use_ring(DirtyRing ring) { ring_ = std::move(ring); }
  /// Makes room in a ring that has none left.
  void empty_ring();
  /// Learns from KVM what was dirtied, then puts every page that ever was back to its snapshot contents.
  ResetWork reset();
  /// Another processor is going to use what the last reset has put back: moves it from the caches of this one to the
  /// one that they share (CLDEMOTE), where the processor can. Costs about as much as the reset.
  void demote_restored();
  /// Compares all memory with the snapshot. @return guest-physical addresses of pages that differ, the first 16
  [[nodiscard]] std::vector<Gpa> differing_pages() const;

  /// Makes KVM look every page up anew.
  void drop_translations();
  /// Turns boot memory into an image. The machine is used up.
  /// @param kept_bytes base memory that stays where it is @param order the frames that follow, see AddressMap::pack
  [[nodiscard]] std::shared_ptr<const MemoryImage> freeze(u64 tables_used, u64 kept_bytes,
                                                          const std::vector<Gpa>& order);
  [[nodiscard]] u64 used_base_bytes() const { return next_base_; }
  [[nodiscard]] u64 used_growth_bytes() const { return next_growth_; }
  /// System calls made so far.
  [[nodiscard]] u64 syscalls() const { return syscalls_; }

 private:
  /// A KVM memory slot with what is known to be dirty in it.
  struct Slot {
    u32 id = 0;
    Gpa base;
    std::byte* memory = nullptr;
    u64 pages = 0;
    std::vector<u64> log;  ///< KVM's bitmap, which is never cleared; empty where a ring is used
    StickyPages sticky;
  };
  void add_slot(Gpa base, std::byte* memory, u64 size_bytes, bool logged);
  void fetch_log(Slot& slot);
  void collect_ring();
  void restore(Slot& slot, ResetWork& work);
  [[nodiscard]] bool add_growth_slot();
  [[nodiscard]] std::vector<bool> frames_with_data() const;
  void copy_frames(int image, u64 offset, std::span<const Gpa> frames);

  int vm_;
  std::shared_ptr<const MemoryImage> image_;
  UniqueFd fd_;  // while booting
  Mapping base_;
  Mapping tables_;
  Mapping growth_;
  std::vector<Slot> slots_;  // logged ones: base, then growth
  u32 next_slot_ = 0;
  u64 next_base_ = 0;
  u64 next_growth_ = 0;
  u64 growth_in_slots_ = 0;
  u64 tables_in_slots_ = 0;
  std::vector<Gpa> free_;  // released while booting, recycled later
  std::optional<DirtyRing> ring_;
  u64 syscalls_ = 0;
};

}  // namespace mayfly::vm
