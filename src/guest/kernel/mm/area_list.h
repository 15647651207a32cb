// All areas of an address space, sorted by address.
#pragma once

#include "guest/kernel/core/heap.h"
#include "guest/kernel/mm/area.h"

namespace mayfly::kernel {

class AreaList {
 public:
  static constexpr u32 kMaxAreas = 65530;                   // as Linux's vm.max_map_count
  static constexpr u64 kStackGuard = 256 * abi::kPageSize;  // kept free below areas that grow down

  explicit AreaList(Heap& heap) : heap_(heap) {}

  [[nodiscard]] u32 count() const { return count_; }
  [[nodiscard]] Area& operator[](u32 index) const { return *areas_[index]; }
  /// Index of the first area that ends above `address`, or count().
  [[nodiscard]] u32 lower_bound(u64 address) const;
  /// The area that contains `address`, or null.
  [[nodiscard]] Area* containing(u64 address) const;
  /// Address of the highest gap of `size` bytes below `limit`, or 0: Linux's top-down layout.
  [[nodiscard]] u64 find_gap(u64 size, u64 limit) const;
  /// True if areas cover all of [begin, end).
  [[nodiscard]] bool covers(u64 begin, u64 end) const;
  /// Bytes within areas.
  [[nodiscard]] u64 mapped_bytes() const;

  /// @return 0, or -ENOMEM without memory or with too many areas
  long insert(u32 index, const Area& area);
  void erase(u32 index);
  /// Makes boundaries at both ends of [begin, end) where they lie within an area. @return 0 or -ENOMEM
  long split(u64 begin, u64 end);
  /// Joins equal neighbours in and around [begin, end).
  void merge(u64 begin, u64 end);

 private:
  long split_at(u64 address);

  Heap& heap_;
  Area** areas_ = nullptr;  // capacity kMaxAreas, allocated at the first use
  u32 count_ = 0;
};

}  // namespace mayfly::kernel
