#include "guest/kernel/mm/address_space.h"

#include <linux/errno.h>
#include <linux/mman.h>

#include <cstring>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kWindow = 2u << 20;  // how much one fault makes present at most

bool same_attributes(const Area& left, const Area& right) {
  return left.protection == right.protection && left.flags == right.flags && left.file == right.file;
}

bool can_merge(const Area& left, const Area& right) {
  if (left.end != right.begin || !same_attributes(left, right)) return false;
  return !left.file || left.offset + (left.end - left.begin) == right.offset;
}

bool valid_range(u64 address, u64 size) {
  return (address & abi::kPageMask) == 0 && size != 0 && address >= abi::kUserStart && address < abi::kUserEnd &&
         size <= abi::kUserEnd - address;
}

/// A machine that serves from a snapshot: what it maps stays bound to its frames, so "not present" no longer tells a
/// fresh page from a used one, and file contents must be brought in at once.
bool frozen() {
  return shared().reset.generation != 0;
}

u64 pages_in(u64 begin, u64 end) {
  return (end - begin) / abi::kPageSize;
}

}  // namespace

const Area* AddressSpace::find(u64 address) const {
  u32 index = lower_bound(address);
  return index < count_ ? areas_[index] : nullptr;
}

/// Index of the first area that ends above `address`.
u32 AddressSpace::lower_bound(u64 address) const {
  u32 low = 0;
  u32 high = count_;
  while (low < high) {
    u32 middle = low + (high - low) / 2;
    if (areas_[middle]->end <= address) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/// The highest gap of `size` below `limit`, as Linux's top-down layout does. @return its address, or 0
u64 AddressSpace::find_gap(u64 size, u64 limit) const {
  u64 top = limit;
  for (u32 index = lower_bound(limit - 1) + 1; index-- > 0;) {
    if (index >= count_ || areas_[index]->begin >= top) continue;
    const Area& area = *areas_[index];
    if (area.end <= top && top - area.end >= size) return top - size;
    top = area.begin;
  }
  return top >= abi::kUserStart + size ? top - size : 0;
}

long AddressSpace::insert(u32 index, const Area& area) {
  if (areas_ == nullptr) areas_ = static_cast<Area**>(kernel_.heap.allocate(kMaxAreas * sizeof(Area*)));
  if (areas_ == nullptr || count_ == kMaxAreas) return -ENOMEM;
  auto* added = kernel_.heap.make<Area>(area);
  if (added == nullptr) return -ENOMEM;
  std::memmove(areas_ + index + 1, areas_ + index, (count_ - index) * sizeof(Area*));
  areas_[index] = added;
  ++count_;
  return 0;
}

void AddressSpace::erase(u32 index) {
  kernel_.heap.destroy(areas_[index]);
  --count_;
  std::memmove(areas_ + index, areas_ + index + 1, (count_ - index) * sizeof(Area*));
}

/// Makes an area boundary at `address` if it lies within one.
long AddressSpace::split_at(u64 address) {
  u32 index = lower_bound(address);
  if (index == count_ || areas_[index]->begin >= address) return 0;
  Area& left = *areas_[index];
  Area right = left;
  right.begin = address;
  if (right.file) right.offset += address - left.begin;
  if (long error = insert(index + 1, right); error != 0) return error;
  left.end = address;
  return 0;
}

/// Joins equal neighbours in and around [begin, end).
void AddressSpace::merge_around(u64 begin, u64 end) {
  u32 index = lower_bound(begin == 0 ? 0 : begin - 1);
  while (index + 1 < count_ && areas_[index]->begin < end) {
    if (can_merge(*areas_[index], *areas_[index + 1])) {
      areas_[index]->end = areas_[index + 1]->end;
      erase(index + 1);
    } else {
      ++index;
    }
  }
}

long AddressSpace::map(u64 address, u64 size, Placement placement, const Area& attributes) {
  if (size == 0) return -EINVAL;
  bool fixed = placement == Placement::fixed || placement == Placement::fixed_no_replace;
  if (fixed && !valid_range(address, size)) return (address & abi::kPageMask) != 0 ? -EINVAL : -ENOMEM;
  if (size > abi::kUserEnd) return -ENOMEM;
  if (!fixed) {
    const Area* above = find(address);
    bool hint_free = placement == Placement::hint && valid_range(address, size) &&
                     (above == nullptr || above->begin >= address + size);
    if (!hint_free) address = find_gap(size, abi::kMmapTop);
    if (address == 0) return -ENOMEM;
  } else {
    const Area* there = find(address);
    bool taken = there != nullptr && there->begin < address + size;
    if (taken && placement == Placement::fixed_no_replace) return -EEXIST;
    if (taken) {
      if (long error = unmap(address, size); error != 0) return error;
    }
  }
  Area area = attributes;
  area.begin = address;
  area.end = address + size;
  if (long error = insert(lower_bound(address), area); error != 0) return error;
  u64 pages = pages_in(area.begin, area.end);
  if (area.file && (frozen() || !area.file->maps_lazily())) {
    if (long error = area.file->map(address, pages, area.protection, area.offset); error != 0) {
      unmap(address, size);
      return error;
    }
  } else if (frozen() && (area.protection & abi::kProtWrite) == 0) {
    host_call(abi::Call::protect, address, pages, area.protection);
  }
  merge_around(area.begin, area.end);
  return static_cast<long>(address);
}

long AddressSpace::unmap(u64 address, u64 size) {
  if (!valid_range(address, size)) return -EINVAL;
  u64 end = address + size;
  const Area* first = find(address);
  if (first == nullptr || first->begin >= end) return 0;
  if (long error = split_at(address); error != 0) return error;
  if (long error = split_at(end); error != 0) return error;
  u32 index = lower_bound(address);
  while (index < count_ && areas_[index]->begin < end) erase(index);
  return host_call(abi::Call::unmap, address, pages_in(address, end));
}

long AddressSpace::protect(u64 address, u64 size, u32 protection) {
  if (size == 0) return 0;
  if (!valid_range(address, size)) return (address & abi::kPageMask) != 0 ? -EINVAL : -ENOMEM;
  u64 end = address + size;
  if (long error = split_at(address); error != 0) return error;
  if (long error = split_at(end); error != 0) return error;
  u64 at = address;
  u32 lost = 0;
  u32 index = lower_bound(address);
  for (; index < count_ && areas_[index]->begin < end; ++index) {
    Area& area = *areas_[index];
    if (area.begin > at) break;  // a hole: what lies before it has changed, as on Linux
    lost |= area.protection & ~protection;
    area.protection = protection;
    at = area.end;
  }
  // More access comes with the next fault; less must be taken away now, by the host.
  if (lost != 0 || (frozen() && (protection & abi::kProtWrite) == 0)) {
    host_call(abi::Call::protect, address, pages_in(address, at), protection);
  }
  merge_around(address, end);
  return at < end ? -ENOMEM : 0;
}

long AddressSpace::discard(u64 address, u64 size) {
  if (!valid_range(address, size)) return -EINVAL;
  u64 end = address + size;
  u64 at = address;
  for (u32 index = lower_bound(address); index < count_ && areas_[index]->begin < end; ++index) {
    const Area& area = *areas_[index];
    if (area.begin > at) return -ENOMEM;
    u64 part_end = area.end < end ? area.end : end;
    long error = area.file ? area.file->map(at, pages_in(at, part_end), area.protection, area.offset + at - area.begin)
                           : host_call(abi::Call::zero, at, pages_in(at, part_end));
    if (error != 0) return error;
    at = part_end;
  }
  return at < end ? -ENOMEM : 0;
}

long AddressSpace::fault(u64 address, u32 access) {
  u32 index = lower_bound(address);
  if (index == count_ || areas_[index]->begin > address) return -EFAULT;
  const Area& area = *areas_[index];
  if ((area.protection & access) != access) return -EACCES;
  u64 begin = address & ~(kWindow - 1);
  u64 end = begin + kWindow;
  if (begin < area.begin) begin = area.begin;
  if (end > area.end) end = area.end;
  if (area.file && !frozen() && area.file->maps_lazily()) {
    return area.file->map(begin, pages_in(begin, end), area.protection | abi::kMapMissingOnly,
                          area.offset + begin - area.begin);
  }
  return host_call(abi::Call::map, begin, pages_in(begin, end), area.protection);
}

long AddressSpace::populate_files() {
  for (u32 index = 0; index < count_; ++index) {
    const Area& area = *areas_[index];
    if (!area.file || !area.file->maps_lazily()) continue;
    long error =
        area.file->map(area.begin, pages_in(area.begin, area.end), area.protection | abi::kMapMissingOnly, area.offset);
    if (error != 0) return error;
  }
  return 0;
}

void AddressSpace::wipe_on_reset() {
  for (u32 index = 0; index < count_; ++index) {
    const Area& area = *areas_[index];
    if ((area.flags & kAreaWipeOnFork) != 0) host_call(abi::Call::zero, area.begin, pages_in(area.begin, area.end));
  }
}

u64 AddressSpace::set_break(u64 address) {
  if (address < break_start_ || address - break_start_ > u64{64} << 30) return break_end_;
  u64 old_end = abi::page_ceil(break_end_);
  u64 new_end = abi::page_ceil(address);
  if (new_end > old_end) {
    Area heap;
    heap.protection = abi::kProtRead | abi::kProtWrite;
    heap.flags = kAreaHeap;
    if (map(old_end, new_end - old_end, Placement::fixed_no_replace, heap) < 0) return break_end_;
  } else if (new_end < old_end) {
    if (unmap(new_end, old_end - new_end) != 0) return break_end_;
  }
  break_end_ = address;
  return break_end_;
}

u64 AddressSpace::mapped_bytes() const {
  u64 bytes = 0;
  for (u32 index = 0; index < count_; ++index) bytes += areas_[index]->end - areas_[index]->begin;
  return bytes;
}

}  // namespace mayfly::kernel
