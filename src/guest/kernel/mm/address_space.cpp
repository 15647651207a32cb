#include "guest/kernel/mm/address_space.h"

#include <asm/resource.h>
#include <linux/errno.h>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kMaxBreak = u64{64} << 30;

bool valid_range(u64 address, u64 size) {
  return (address & abi::kPageMask) == 0 && size != 0 && address >= abi::kUserStart && address < abi::kUserEnd &&
         size <= abi::kUserEnd - address;
}

}  // namespace

bool is_frozen() {
  return shared().reset.generation != 0;
}

AddressSpace::AddressSpace(Process& process) : process_(process), areas_(process.kernel.heap) {}

const Area* AddressSpace::find(u64 address) const {
  u32 index = areas_.lower_bound(address);
  return index < areas_.count() ? &areas_[index] : nullptr;
}

/// @return the address to use, or -errno
long AddressSpace::place(u64 address, u64 size, Placement placement) const {
  if (size == 0) return -EINVAL;
  if (size > abi::kUserEnd) return -ENOMEM;
  bool fixed = placement == Placement::fixed || placement == Placement::fixed_no_replace;
  if (fixed) {
    if ((address & abi::kPageMask) != 0) return -EINVAL;
    if (address < abi::kUserStart) return -EPERM;
    if (!valid_range(address, size)) return -ENOMEM;
  }
  const Area* above = find(address);
  bool is_free = above == nullptr || above->begin >= address + size;
  if (placement == Placement::fixed_no_replace && !is_free) return -EEXIST;
  if (fixed || (placement == Placement::hint && valid_range(address, size) && is_free))
    return static_cast<long>(address);
  u64 gap = areas_.find_gap(size, abi::kMmapTop);
  return gap == 0 ? -ENOMEM : static_cast<long>(gap);
}

AddressSpace::Usage AddressSpace::usage() const {
  Usage usage;
  for (u32 index = 0; index < areas_.count(); ++index) {
    const Area& area = areas_[index];
    usage.total += area.size();
    if (area.counts_as_data()) usage.data += area.size();
    if (area.is(kAreaLocked)) usage.locked += area.size();
  }
  return usage;
}

/// RLIMIT_AS and RLIMIT_DATA. Nobody sets them as a rule, so that the sums are taken only when there is a limit.
long AddressSpace::check_limits(u64 added_bytes, u64 added_data) const {
  u64 total = process_.limits.get(RLIMIT_AS).soft;
  u64 data = process_.limits.get(RLIMIT_DATA).soft;
  if (total == RLIM_INFINITY && data == RLIM_INFINITY) return 0;
  Usage now = usage();
  bool exceeded = now.total + added_bytes > total || (added_data != 0 && now.data + added_data > data);
  return exceeded ? -ENOMEM : 0;
}

/// Adds the area to the list, with what MCL_FUTURE wants.
long AddressSpace::add(Area& area) {
  area.flags |= lock_later_;
  changed();
  return areas_.insert(areas_.lower_bound(area.begin), area);
}

long AddressSpace::map(u64 address, u64 size, Placement placement, const Area& attributes) {
  long placed = place(address, size, placement);
  if (placed < 0) return placed;
  Area area = attributes;
  area.begin = static_cast<u64>(placed);
  area.end = area.begin + size;
  const Area* there = find(area.begin);
  bool is_taken = there != nullptr && there->begin < area.end;
  if (long error = check_limits(size, area.counts_as_data() ? size : 0); error != 0) return error;
  if (lock_later_ != 0) {
    if (long error = check_lock_limit(size); error != 0) return error;
  }
  if (is_taken) {
    if (long error = unmap(area.begin, size); error != 0) return error;
  }
  if (long error = add(area); error != 0) return error;
  if (long error = start_contents(area, is_taken); error != 0) {
    unmap(area.begin, size);
    return error;
  }
  areas_.merge(area.begin, area.end);
  return placed;
}

/// Leaves a new area so that every touch which needs something faults.
/// @param is_clear nothing in it is accessible; else earlier requests may have left pages
long AddressSpace::start_contents(const Area& area, bool is_clear) {
  if (!is_frozen()) is_clear = true;
  if (!area.file) {
    if (is_clear || (area.protection & abi::kProtWrite) != 0) return 0;
    return host_call(abi::Call::protect, area.begin, area.size() / abi::kPageSize, area.protection);
  }
  if (PageStore* pages = area.file->page_store()) pages->show_in(*this);
  u64 file_bytes = area.file->mappable_bytes(area.offset_of(area.end));
  u64 begin_bytes = area.offset < file_bytes ? abi::page_ceil(file_bytes - area.offset) : 0;
  u64 mapped = begin_bytes < area.size() ? begin_bytes : area.size();
  // Copies of small files are made at once where that saves faults; in a file of the host nothing changes until then.
  bool at_once = area.shown() == nullptr && mapped <= kFaultWindow && (is_frozen() || !area.file->maps_lazily());
  if (!at_once) mapped = 0;
  if (!is_clear && mapped < area.size()) {
    long error = host_call(abi::Call::unmap, area.begin, area.size() / abi::kPageSize);
    if (error != 0) return error;
  }
  return mapped == 0 ? 0 : area.file->map(area.begin, mapped / abi::kPageSize, area.protection, area.offset);
}

long AddressSpace::unmap(u64 address, u64 size) {
  constexpr u64 kLinuxEnd = 0x7fff'ffff'f000;
  if ((address & abi::kPageMask) != 0 || size == 0 || address >= kLinuxEnd || size > kLinuxEnd - address) {
    return -EINVAL;
  }
  u64 begin = address < abi::kUserStart ? abi::kUserStart : address;
  u64 end = address + size < abi::kUserEnd ? address + size : abi::kUserEnd;
  const Area* first = find(begin);
  if (first == nullptr || first->begin >= end) return 0;
  if (long error = areas_.split(begin, end); error != 0) return error;
  u32 index = areas_.lower_bound(begin);
  while (index < areas_.count() && areas_[index].begin < end) areas_.erase(index);
  changed();
  return host_call(abi::Call::unmap, begin, (end - begin) / abi::kPageSize);
}

long AddressSpace::protect(u64 address, u64 size, u32 protection) {
  if ((address & abi::kPageMask) != 0) return -EINVAL;
  if (size == 0) return 0;
  if (!valid_range(address, size)) return -ENOMEM;
  u64 end = address + size;
  if (long error = areas_.split(address, end); error != 0) return error;
  long result = 0;
  u64 at = address;
  bool tell_host = is_frozen() && (protection & abi::kProtWrite) == 0;
  for (u32 index = areas_.lower_bound(address); at < end && result == 0; ++index) {
    // What lies before a hole or a refusal has changed, as on Linux.
    if (index == areas_.count() || areas_[index].begin > at) {
      result = -ENOMEM;
      break;
    }
    Area& area = areas_[index];
    Area wanted = area;
    wanted.protection = protection;
    u64 added_data = wanted.counts_as_data() && !area.counts_as_data() ? area.size() : 0;
    if (area.is(kAreaNeverWrite) && (protection & abi::kProtWrite) != 0) {
      result = -EACCES;
    } else if (added_data != 0 && check_limits(0, added_data) != 0) {
      result = -ENOMEM;
    } else {
      // More access comes with the next fault; less must be taken away now, by the host. Copies of files that cannot
      // be made page by page must not fault once they are there.
      bool eager = area.file && area.shown() == nullptr && !area.file->maps_lazily();
      tell_host = tell_host || eager || (area.protection & ~protection) != 0;
      area.protection = protection;
      at = area.end;
    }
  }
  if (tell_host && at > address) host_call(abi::Call::protect, address, (at - address) / abi::kPageSize, protection);
  areas_.merge(address, end);
  return result;
}

u64 AddressSpace::set_break(u64 address) {
  if (address < break_start_ || address - break_start_ > kMaxBreak) return break_end_;
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

}  // namespace mayfly::kernel
