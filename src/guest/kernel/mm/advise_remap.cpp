// madvise and mremap.
#include <asm/mman.h>
#include <linux/errno.h>
#include <linux/mman.h>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/mm/address_space.h"

namespace mayfly::kernel {

long AddressSpace::advise(u64 address, u64 size, int advice) {
  switch (advice) {
    case MADV_DONTNEED:
      return discard(address, size);
    case MADV_FREE:  // may be done at any time, so also never: a reset brings the contents back anyway
    case MADV_NORMAL:
    case MADV_RANDOM:
    case MADV_SEQUENTIAL:
    case MADV_WILLNEED:
    case MADV_DONTFORK:
    case MADV_DOFORK:
    case MADV_DONTDUMP:
    case MADV_DODUMP:
    case MADV_HUGEPAGE:
    case MADV_NOHUGEPAGE:
    case MADV_MERGEABLE:
    case MADV_UNMERGEABLE:
    case MADV_COLD:
    case MADV_PAGEOUT:
      return 0;
    case MADV_WIPEONFORK:
    case MADV_KEEPONFORK: {
      u64 end = address + size;
      if (split_at(address) != 0 || split_at(end) != 0) return -ENOMEM;
      for (u32 index = lower_bound(address); index < count_ && areas_[index]->begin < end; ++index) {
        Area& area = *areas_[index];
        if (area.file || (area.flags & kAreaShared) != 0) return -EINVAL;
        area.flags = advice == MADV_WIPEONFORK ? area.flags | kAreaWipeOnFork : area.flags & ~u32{kAreaWipeOnFork};
      }
      merge_around(address, end);
      return 0;
    }
    default:
      return -EINVAL;
  }
}

namespace {

/// Moves contents within the program's memory; both ranges are mapped readable and writable.
long move_contents(Kernel& kernel, u64 from, u64 to, u64 size) {
  u8* page = kernel.heap.allocate_page();
  if (page == nullptr) return -ENOMEM;
  long result = 0;
  for (u64 done = 0; done < size && result == 0; done += abi::kPageSize) {
    if (!copy_from_user(page, from + done, abi::kPageSize) || !copy_to_user(to + done, page, abi::kPageSize)) {
      result = -EFAULT;
    }
  }
  kernel.heap.release_page(page);
  return result;
}

}  // namespace

long AddressSpace::remap(u64 address, u64 old_size, u64 new_size, u32 flags, u64 new_address) {
  bool fixed = (flags & MREMAP_FIXED) != 0;
  bool may_move = (flags & MREMAP_MAYMOVE) != 0;
  if ((fixed && !may_move) || (flags & MREMAP_DONTUNMAP) != 0 || old_size == 0) return -EINVAL;
  u32 index = lower_bound(address);
  if (index == count_ || areas_[index]->begin > address || areas_[index]->end < address + old_size) return -EFAULT;
  if (!fixed && new_size <= old_size) {
    if (new_size < old_size) {
      if (long error = unmap(address + new_size, old_size - new_size); error != 0) return error;
    }
    return static_cast<long>(address);
  }
  Area grown = *areas_[index];
  if (grown.file) grown.offset += address - grown.begin;
  if (!fixed && areas_[index]->end == address + old_size) {
    Area extension = grown;
    if (extension.file) extension.offset += old_size;
    long added = map(address + old_size, new_size - old_size, Placement::fixed_no_replace, extension);
    if (added > 0) return static_cast<long>(address);
  }
  if (!may_move) return -ENOMEM;
  u32 protection = grown.protection;
  grown.protection |= abi::kProtRead | abi::kProtWrite;
  long target = map(new_address, new_size, fixed ? Placement::fixed : Placement::anywhere, grown);
  if (target < 0) return target;
  u64 moved = old_size < new_size ? old_size : new_size;
  if (protection != abi::kProtNone) {
    long error = move_contents(kernel_, address, static_cast<u64>(target), moved);
    if (error != 0) {
      unmap(static_cast<u64>(target), new_size);
      return error;
    }
  }
  if (protection != grown.protection) protect(static_cast<u64>(target), new_size, protection);
  unmap(address, old_size);
  return target;
}

}  // namespace mayfly::kernel
