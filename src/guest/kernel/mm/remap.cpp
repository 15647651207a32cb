// mremap.
#include <linux/errno.h>
#include <linux/mman.h>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/mm/address_space.h"

namespace mayfly::kernel {

/// Makes the area [address, address + old_size) of `index` one at another place.
/// @param old_size 0: a second view of a shared area
long AddressSpace::move_to(u32 index, u64 address, u64 old_size, u64 new_size, u32 flags, u64 new_address) {
  Area moved = areas_[index];
  if (moved.file) moved.offset = moved.offset_of(address);
  bool fixed = (flags & MREMAP_FIXED) != 0;
  u64 hint = (flags & MREMAP_DONTUNMAP) != 0 ? new_address : 0;
  Placement placement = fixed ? Placement::fixed : hint != 0 ? Placement::hint : Placement::anywhere;
  long placed = place(fixed ? new_address : hint, new_size, placement);
  if (placed < 0) return placed;
  moved.begin = static_cast<u64>(placed);
  moved.end = moved.begin + new_size;
  if (fixed) {
    if (long error = unmap(moved.begin, new_size); error != 0) return error;
  }
  u64 kept = old_size < new_size ? old_size : new_size;
  if (is_frozen()) host_call(abi::Call::unmap, moved.begin, new_size / abi::kPageSize);
  bool has_contents = moved.shown() == nullptr && kept != 0;
  if (has_contents) {
    long error = host_call(abi::Call::move, address, kept / abi::kPageSize, moved.protection, moved.begin);
    if (error != 0) return error;
  }
  if (long error = add(moved); error != 0) {
    if (has_contents) {
      host_call(abi::Call::move, moved.begin, kept / abi::kPageSize, moved.protection, address);
    }
    return error;
  }
  areas_.merge(moved.begin, moved.end);
  if (old_size != 0 && (flags & MREMAP_DONTUNMAP) == 0) unmap(address, old_size);
  return placed;
}

long AddressSpace::remap(u64 address, u64 old_size, u64 new_size, u32 flags, u64 new_address) {
  Area* area = areas_.containing(address);
  if (area == nullptr) return -EFAULT;
  bool fixed = (flags & MREMAP_FIXED) != 0;
  bool must_move = fixed || (flags & MREMAP_DONTUNMAP) != 0;
  if (old_size == 0 && !area->is(kAreaShared)) return -EINVAL;
  if (!must_move && old_size >= new_size) {
    if (new_size < old_size) {
      if (long error = unmap(address + new_size, old_size - new_size); error != 0) return error;
    }
    return static_cast<long>(address);
  }
  if (old_size > area->end - address) return -EFAULT;
  u64 added = new_size > old_size ? new_size - old_size : 0;
  if (long error = check_limits(added, area->counts_as_data() ? added : 0); error != 0) return error;
  if (area->is(kAreaLocked) && check_lock_limit(added) != 0) return -EAGAIN;
  if (!must_move && old_size != 0 && area->end == address + old_size) {
    Area extension = *area;
    if (extension.file) extension.offset = extension.offset_of(extension.end);
    if (map(address + old_size, added, Placement::fixed_no_replace, extension) > 0) {
      return static_cast<long>(address);
    }
  }
  if ((flags & MREMAP_MAYMOVE) == 0) return -ENOMEM;
  if (fixed && old_size > new_size) {
    if (long error = unmap(address + new_size, old_size - new_size); error != 0) return error;
    old_size = new_size;
  }
  return move_to(areas_.lower_bound(address), address, old_size, new_size, flags, new_address);
}

}  // namespace mayfly::kernel
