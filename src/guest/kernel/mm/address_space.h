// The program's memory: areas with their protections. Contents appear at the first touch.
#pragma once

#include "abi/layout.h"
#include "guest/kernel/core/ref.h"
#include "guest/kernel/core/user.h"
#include "guest/kernel/file/file.h"

namespace mayfly::kernel {

/// A range of pages with equal attributes. Private file areas are copies of the file from the moment of the first
/// touch.
struct Area {
  u64 begin = 0;
  u64 end = 0;
  u32 protection = 0;  ///< abi::Protection bits
  u32 flags = 0;       ///< AreaFlags
  Ref<File> file;      ///< null for anonymous memory
  u64 offset = 0;      ///< in the file, of `begin`
};

enum AreaFlags : u32 {
  kAreaShared = 1,
  kAreaStack = 2,
  kAreaHeap = 4,        ///< brk
  kAreaWipeOnFork = 8,  ///< zeroed when a machine is reset: MADV_WIPEONFORK
  kAreaNoReserve = 16,
  kAreaVdso = 32,
};

/// Not a type of mapping that a caller may ask for: MAP_FIXED behaviour of AddressSpace::map.
enum class Placement : u8 { anywhere, hint, fixed, fixed_no_replace };

class AddressSpace {
 public:
  static constexpr u32 kMaxAreas = 16384;  // a quarter of Linux's vm.max_map_count

  explicit AddressSpace(Kernel& kernel) : kernel_(kernel) {}

  /// Adds an area of `size` bytes (page-aligned). @return its address or -errno
  long map(u64 address, u64 size, Placement placement, const Area& attributes);
  /// All return 0 or -errno; ranges are page-aligned.
  long unmap(u64 address, u64 size);
  long protect(u64 address, u64 size, u32 protection);
  /// MADV_DONTNEED: contents go back to zeros or the file's.
  long discard(u64 address, u64 size);
  long advise(u64 address, u64 size, int advice);
  long remap(u64 address, u64 old_size, u64 new_size, u32 flags, u64 new_address);
  /// Sets the program break; returns the break in force.
  u64 set_break(u64 address);
  void start_break(u64 address) { break_start_ = break_end_ = abi::page_ceil(address); }

  /// Makes the page at `address` present as its area says. @return 0, -EFAULT no area, -EACCES wrong access, -ENOMEM
  /// @param access abi::Protection bits of the attempted access
  long fault(u64 address, u32 access);
  /// Makes every page of file-backed areas present, so that no later touch depends on a file: before a freeze.
  long populate_files();
  /// Zeroes MADV_WIPEONFORK areas: after a reset.
  void wipe_on_reset();

  /// The area that contains `address`, or the next one above; null at the end. For listing too.
  [[nodiscard]] const Area* find(u64 address) const;
  [[nodiscard]] u32 area_count() const { return count_; }
  [[nodiscard]] const Area& area(u32 index) const { return *areas_[index]; }
  [[nodiscard]] u64 mapped_bytes() const;

 private:
  [[nodiscard]] u32 lower_bound(u64 address) const;
  [[nodiscard]] u64 find_gap(u64 size, u64 limit) const;
  long insert(u32 index, const Area& area);
  void erase(u32 index);
  long split_at(u64 address);
  void merge_around(u64 begin, u64 end);

  Kernel& kernel_;
  Area** areas_ = nullptr;  // sorted by begin, capacity kMaxAreas, allocated at the first use
  u32 count_ = 0;
  u64 break_start_ = 0;
  u64 break_end_ = 0;
};

}  // namespace mayfly::kernel
