// mlock, mincore and msync: what is in memory, and in the file.
#include <asm/mman.h>
#include <linux/errno.h>
#include <linux/mman.h>

#include <cstring>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/scratch.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kPagesPerQuery = kPathBytes;  // a Scratch of bytes

u32 lock_flags(bool on_fault) {
  return on_fault ? kAreaLocked | kAreaLockOnFault : kAreaLocked;
}

/// One byte for each of `pages` pages that lie in `area`.
void tell_residency(const Area& area, u64 begin, u64 pages, char* bytes) {
  std::memset(bytes, 0, pages);
  if (const PageStore* store = area.shown()) {
    u64 first = area.offset_of(begin) / abi::kPageSize;
    for (u64 page = 0; page < pages; ++page) bytes[page] = store->page(first + page) != nullptr ? 1 : 0;
    return;
  }
  if (host_call(abi::Call::resident, begin, pages) <= 0) return;
  for (u64 page = 0; page < pages; ++page) bytes[page] = static_cast<char>(shared().io[page / 8] >> page % 8 & 1);
}

}  // namespace

MAYFLY_SYSCALL(mlock) {
  return thread.process.memory.lock(args[0], args[1], lock_flags(false));
}

MAYFLY_SYSCALL(mlock2) {
  if ((args[2] & ~u64{MLOCK_ONFAULT}) != 0) return -EINVAL;
  return thread.process.memory.lock(args[0], args[1], lock_flags(args[2] != 0));
}

MAYFLY_SYSCALL(munlock) {
  return thread.process.memory.lock(args[0], args[1], 0);
}

MAYFLY_SYSCALL(mlockall) {
  u64 flags = args[0];
  if (flags == 0 || flags == MCL_ONFAULT || (flags & ~u64{MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT}) != 0) return -EINVAL;
  u32 locked = lock_flags((flags & MCL_ONFAULT) != 0);
  return thread.process.memory.lock_all((flags & MCL_CURRENT) != 0 ? locked : 0,
                                        (flags & MCL_FUTURE) != 0 ? locked : 0);
}

MAYFLY_SYSCALL(munlockall) {
  return thread.process.memory.lock_all(0, 0);
}

// A shared mapping shows the file's own pages, and a private one is not the file's concern: nothing is to be written.
MAYFLY_SYSCALL(msync) {
  u64 flags = args[2];
  u64 begin = args[0];
  u64 end = begin + abi::page_ceil(args[1]);
  if ((flags & ~u64{MS_ASYNC | MS_INVALIDATE | MS_SYNC}) != 0 || (begin & abi::kPageMask) != 0) return -EINVAL;
  if ((flags & MS_ASYNC) != 0 && (flags & MS_SYNC) != 0) return -EINVAL;
  if (end < begin) return -ENOMEM;
  const AreaList& areas = thread.process.memory.areas();
  for (u32 index = areas.lower_bound(begin); index < areas.count() && areas[index].begin < end; ++index) {
    if ((flags & MS_INVALIDATE) != 0 && areas[index].is(kAreaLocked)) return -EBUSY;
  }
  return areas.covers(begin, end) ? 0 : -ENOMEM;
}

MAYFLY_SYSCALL(mincore) {
  u64 begin = args[0];
  u64 end = begin + abi::page_ceil(args[1]);
  if ((begin & abi::kPageMask) != 0) return -EINVAL;
  if (end < begin || end > abi::kUserEnd) return -ENOMEM;
  Scratch bytes(thread.kernel.heap);
  if (!bytes) return -EAGAIN;
  for (u64 at = begin; at < end;) {
    const Area* area = thread.process.memory.areas().containing(at);
    if (area == nullptr) return -ENOMEM;
    u64 pages = ((area->end < end ? area->end : end) - at) / abi::kPageSize;
    if (pages > kPagesPerQuery) pages = kPagesPerQuery;
    tell_residency(*area, at, pages, bytes.text());
    if (!copy_to_user(args[2] + (at - begin) / abi::kPageSize, bytes.text(), pages)) return -EFAULT;
    at += pages * abi::kPageSize;
  }
  return 0;
}

}  // namespace mayfly::kernel
