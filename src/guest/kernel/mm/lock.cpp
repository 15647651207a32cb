// mlock: nothing is ever paged out, so that it keeps accounts and touches pages.
#include <asm/resource.h>
#include <linux/errno.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/mm/address_space.h"

namespace mayfly::kernel {
namespace {

constexpr u32 kLockFlags = kAreaLocked | kAreaLockOnFault;

}  // namespace

long AddressSpace::check_lock_limit(u64 added_bytes) const {
  u64 limit = process_.limits.get(RLIMIT_MEMLOCK).soft;
  if (limit == RLIM_INFINITY) return 0;
  return added_bytes > limit || usage().locked > limit - added_bytes ? -EAGAIN : 0;
}

long AddressSpace::lock(u64 address, u64 size, u32 flags) {
  u64 begin = abi::page_floor(address);
  u64 end = abi::page_ceil(address + size);
  if (flags != 0) {
    u64 limit = process_.limits.get(RLIMIT_MEMLOCK).soft;
    if (limit == 0) return -EPERM;
    if (limit != RLIM_INFINITY) {
      u64 locked_now = 0;
      for (u32 index = areas_.lower_bound(begin); index < areas_.count() && areas_[index].begin < end; ++index) {
        const Area& area = areas_[index];
        u64 from = area.begin > begin ? area.begin : begin;
        u64 to = area.end < end ? area.end : end;
        if (area.is(kAreaLocked)) locked_now += to - from;
      }
      if (usage().locked - locked_now + (end - begin) > limit) return -ENOMEM;
    }
  }
  if (end < begin || address + size < address) return -EINVAL;
  if (end == begin) return 0;
  bool covered = areas_.covers(begin, end);
  if (areas_.split(begin, end) != 0) return -ENOMEM;
  u64 at = begin;
  for (u32 index = areas_.lower_bound(begin); index < areas_.count() && areas_[index].begin == at && at < end;
       ++index) {
    areas_[index].flags = (areas_[index].flags & ~kLockFlags) | flags;
    at = areas_[index].end;
  }
  areas_.merge(begin, end);
  if (!covered) return -ENOMEM;
  if ((flags & kAreaLocked) == 0 || (flags & kAreaLockOnFault) != 0) return 0;
  return populate(begin, end - begin) != 0 ? -ENOMEM : 0;
}

long AddressSpace::lock_all(u32 current, u32 future) {
  if ((current | future) != 0) {
    u64 limit = process_.limits.get(RLIMIT_MEMLOCK).soft;
    if (limit == 0) return -EPERM;
    if (current != 0 && limit != RLIM_INFINITY && usage().total > limit) return -ENOMEM;
  }
  lock_later_ = future;
  if (current == 0 && future != 0) return 0;
  for (u32 index = 0; index < areas_.count(); ++index) {
    areas_[index].flags = (areas_[index].flags & ~kLockFlags) | current;
  }
  areas_.merge(0, abi::kUserEnd);
  return 0;
}

}  // namespace mayfly::kernel
