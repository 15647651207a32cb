// madvise.
#include <asm/mman.h>
#include <linux/errno.h>
#include <linux/mman.h>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/mm/address_space.h"

namespace mayfly::kernel {
namespace {

/// Advice that is remembered: what it sets and what it takes back.
struct Remembered {
  int advice;
  u32 set;
  u32 cleared;
};

constexpr Remembered kRemembered[] = {
    {MADV_NORMAL, 0, kAreaRandom | kAreaSequential},
    {MADV_RANDOM, kAreaRandom, kAreaSequential},
    {MADV_SEQUENTIAL, kAreaSequential, kAreaRandom},
    {MADV_DONTFORK, kAreaDontFork, 0},
    {MADV_DOFORK, 0, kAreaDontFork},
    {MADV_DONTDUMP, kAreaDontDump, 0},
    {MADV_DODUMP, 0, kAreaDontDump},
    {MADV_HUGEPAGE, kAreaHugePage, kAreaNoHugePage},
    {MADV_NOHUGEPAGE, kAreaNoHugePage, kAreaHugePage},
    {MADV_MERGEABLE, kAreaMergeable, 0},
    {MADV_UNMERGEABLE, 0, kAreaMergeable},
    {MADV_WIPEONFORK, kAreaWipeOnFork, 0},
    {MADV_KEEPONFORK, 0, kAreaWipeOnFork},
};

const Remembered* remembered(int advice) {
  for (const Remembered& entry : kRemembered) {
    if (entry.advice == advice) return &entry;
  }
  return nullptr;
}

bool is_known(int advice) {
  switch (advice) {
    case MADV_WILLNEED:
    case MADV_DONTNEED:
    case MADV_DONTNEED_LOCKED:
    case MADV_FREE:
    case MADV_REMOVE:
    case MADV_COLD:
    case MADV_PAGEOUT:
    case MADV_POPULATE_READ:
    case MADV_POPULATE_WRITE:
      return true;
    default:
      return remembered(advice) != nullptr;
  }
}

bool is_private_anonymous(const Area& area) {
  return !area.file && !area.is(kAreaShared);
}

}  // namespace

/// Contents go back to zeros or the file's.
long AddressSpace::discard(const Area& area, u64 begin, u64 end) {
  if (area.shown() != nullptr) return 0;  // the file keeps them
  changed();
  return host_call(area.file ? abi::Call::unmap : abi::Call::zero, begin, (end - begin) / abi::kPageSize);
}

/// MADV_REMOVE: a hole in the file behind the area.
long AddressSpace::punch(const Area& area, u64 begin, u64 end) {
  if (area.is(kAreaLocked) || !area.file) return -EINVAL;
  bool is_writable = area.is(kAreaShared) && !area.is(kAreaNeverWrite) && (area.protection & abi::kProtWrite) != 0;
  if (!is_writable) return -EACCES;
  if (area.shown() == nullptr) return -EOPNOTSUPP;
  area.shown()->punch(area.offset_of(begin), end - begin);
  return 0;
}

/// @param area lies within [begin, end) for advice that is remembered, else overlaps it
long AddressSpace::advise_part(Area& area, u64 begin, u64 end, int advice) {
  if (const Remembered* entry = remembered(advice)) {
    if (advice == MADV_WIPEONFORK && !is_private_anonymous(area)) return -EINVAL;
    area.flags = (area.flags & ~entry->cleared) | entry->set;
    return 0;
  }
  switch (advice) {
    case MADV_DONTNEED:
      return area.is(kAreaLocked) ? -EINVAL : discard(area, begin, end);
    case MADV_DONTNEED_LOCKED:
      return discard(area, begin, end);
    case MADV_FREE:  // may be done at any time, so also never: a reset brings the contents back anyway
      return is_private_anonymous(area) ? 0 : -EINVAL;
    case MADV_COLD:
    case MADV_PAGEOUT:
      return area.is(kAreaLocked) ? -EINVAL : 0;
    case MADV_REMOVE:
      return punch(area, begin, end);
    case MADV_POPULATE_READ:
    case MADV_POPULATE_WRITE: {
      u32 needed = advice == MADV_POPULATE_WRITE ? abi::kProtWrite : abi::kProtRead;
      return (area.protection & needed) == 0 ? -EINVAL : populate(begin, end - begin);
    }
    default:
      return 0;
  }
}

long AddressSpace::advise(u64 address, u64 size, int advice) {
  if ((address & abi::kPageMask) != 0 || !is_known(advice) || address + size < address) return -EINVAL;
  if (size == 0) return 0;
  u64 end = address + size;
  bool keeps_areas = remembered(advice) == nullptr;
  if (!keeps_areas && areas_.split(address, end) != 0) return -EAGAIN;
  u64 at = address;
  long result = 0;
  // Holes are skipped and told at the end.
  bool has_hole = false;
  for (u32 index = areas_.lower_bound(address); index < areas_.count() && result == 0; ++index) {
    Area& area = areas_[index];
    if (area.begin >= end) break;
    if (area.begin > at) {
      has_hole = true;
      at = area.begin;
    }
    u64 part_end = area.end < end ? area.end : end;
    result = advise_part(area, at, part_end, advice);
    at = part_end;
  }
  if (!keeps_areas) areas_.merge(address, end);
  return result == 0 && (has_hole || at < end) ? -ENOMEM : result;
}

}  // namespace mayfly::kernel
