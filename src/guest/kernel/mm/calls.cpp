// mmap and its kin.
#include <asm/mman.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mman.h>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/memory_file.h"
#include "guest/kernel/process/call_report.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kProtectionBits = PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM;
constexpr u64 kMremapFlags = MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP;
/// What MAP_SHARED_VALIDATE accepts.
constexpr u64 kLegacyFlags = MAP_TYPE | MAP_FIXED | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_DENYWRITE | MAP_EXECUTABLE |
                             MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK | MAP_STACK | MAP_HUGETLB |
                             MAP_32BIT | MAP_FIXED_NOREPLACE;
constexpr u64 kLowEnd = u64{2} << 30;  // MAP_32BIT

u32 protection_of(u64 prot) {
  u32 protection = abi::kProtNone;
  if ((prot & PROT_READ) != 0) protection |= abi::kProtRead;
  // x86 cannot write or execute what it cannot read.
  if ((prot & PROT_WRITE) != 0) protection |= abi::kProtWrite | abi::kProtRead;
  if ((prot & PROT_EXEC) != 0) protection |= abi::kProtExec | abi::kProtRead;
  return protection;
}

Placement placement_of(u64 address, u64 flags) {
  if ((flags & MAP_FIXED_NOREPLACE) != 0) return Placement::fixed_no_replace;
  if ((flags & MAP_FIXED) != 0) return Placement::fixed;
  return address != 0 ? Placement::hint : Placement::anywhere;
}

u32 area_flags(u64 flags) {
  u32 result = 0;
  if ((flags & MAP_TYPE) != MAP_PRIVATE) result |= kAreaShared;
  if ((flags & MAP_NORESERVE) != 0) result |= kAreaNoReserve;
  if ((flags & MAP_GROWSDOWN) != 0) result |= kAreaGrowsDown;
  if ((flags & MAP_LOCKED) != 0) result |= kAreaLocked;
  return result;
}

/// The file behind a mapping, with the checks that mmap(2) makes of it. @return 0 or -errno
long use_file(File& file, const SyscallArgs& args, Area& area) {
  if ((args[3] & MAP_TYPE) == MAP_SHARED_VALIDATE && (args[3] & ~kLegacyFlags) != 0) return -EOPNOTSUPP;
  bool will_write = (args[2] & PROT_WRITE) != 0;
  if (area.is(kAreaShared) && will_write && !file.writable()) return -EACCES;
  if (!file.readable()) return -EACCES;
  if (file.maps_zeros()) return 0;
  if (!file.mappable()) return -ENODEV;
  if (area.is(kAreaShared) && will_write && !file.maps_shared()) {
    report(abi::ReportKind::unsupported, "a shared, writable mapping of a file in a volume");
    return -ENODEV;
  }
  if (area.is(kAreaShared)) {
    bool is_sealed = sealed_against_writing(file);
    if (is_sealed && will_write) return -EPERM;
    if (is_sealed || !file.writable() || !file.maps_shared()) area.flags |= kAreaNeverWrite;
  }
  area.file = Ref<File>(&file);
  area.offset = args[5];
  return 0;
}

/// Checks the arguments in Linux's order. @return 0 and what they describe, or -errno
long describe_mapping(Thread& thread, const SyscallArgs& args, u64 size, Area& area) {
  if ((args[5] & abi::kPageMask) != 0) return -EINVAL;
  u64 type = args[3] & MAP_TYPE;
  bool anonymous = (args[3] & MAP_ANONYMOUS) != 0;
  Ref<File> file;
  if (!anonymous) {
    file = thread.process.files.get(args.fd(4));
    if (!file || (file->flags() & O_PATH) != 0) return -EBADF;
  }
  if (args[1] == 0) return -EINVAL;
  if (size < args[1]) return -ENOMEM;
  if (!anonymous && args[5] + size < args[5]) return -EOVERFLOW;
  if (type != MAP_PRIVATE && type != MAP_SHARED && (type != MAP_SHARED_VALIDATE || anonymous)) return -EINVAL;
  if (type != MAP_PRIVATE && (args[3] & MAP_GROWSDOWN) != 0) return -EINVAL;
  if ((args[3] & MAP_HUGETLB) != 0) {
    report_call(thread, abi::ReportKind::unsupported, "mmap with MAP_HUGETLB");
    return -ENOMEM;
  }
  area.protection = protection_of(args[2]);
  area.flags = area_flags(args[3]);
  if (file) {
    if (long error = use_file(*file, args, area); error != 0) return error;
  }
  if (area.file || !area.is(kAreaShared)) return 0;
  return make_memory_file(thread.kernel, "/dev/zero", size, area.file);
}

}  // namespace

MAYFLY_SYSCALL(mmap) {
  AddressSpace& memory = thread.process.memory;
  u64 size = abi::page_ceil(args[1]);
  Area area;
  if (long error = describe_mapping(thread, args, size, area); error != 0) return error;
  Placement placement = placement_of(args[0], args[3]);
  bool fixed = placement == Placement::fixed || placement == Placement::fixed_no_replace;
  u64 address = fixed ? args[0] : abi::page_floor(args[0]);
  if (!fixed && (args[3] & MAP_32BIT) != 0) {
    address = memory.areas().find_gap(size, kLowEnd);
    if (address == 0) return -ENOMEM;
    placement = Placement::hint;
  }
  if (area.is(kAreaLocked)) {
    if (long error = memory.check_lock_limit(size); error != 0) return error;
  }
  long result = memory.map(address, size, placement, area);
  bool populate = (args[3] & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE;
  // What cannot be had now is had at the touch, or not.
  if (result > 0 && (populate || area.is(kAreaLocked))) (void)memory.populate(static_cast<u64>(result), size);
  return result;
}

MAYFLY_SYSCALL(munmap) {
  u64 size = abi::page_ceil(args[1]);
  return size < args[1] ? -EINVAL : thread.process.memory.unmap(args[0], size);
}

MAYFLY_SYSCALL(mprotect) {
  AddressSpace& memory = thread.process.memory;
  u64 address = args[0];
  u64 size = abi::page_ceil(args[1]);
  u64 growth = args[2] & (PROT_GROWSDOWN | PROT_GROWSUP);
  if (growth == (PROT_GROWSDOWN | PROT_GROWSUP) || (address & abi::kPageMask) != 0) return -EINVAL;
  if (args[1] == 0) return 0;
  if (size < args[1]) return -ENOMEM;
  if ((args[2] & ~(kProtectionBits | growth)) != 0) return -EINVAL;
  if (growth != 0) {
    const Area* area = memory.areas().containing(address);
    if (area == nullptr) return -ENOMEM;
    if (growth == PROT_GROWSUP || !area->is(kAreaGrowsDown)) return -EINVAL;
    size += address - area->begin;
    address = area->begin;
  }
  return memory.protect(address, size, protection_of(args[2]));
}

MAYFLY_SYSCALL(pkey_mprotect) {
  if (static_cast<i32>(args[3]) != -1) return -EINVAL;
  return sys_mprotect(thread, args);
}

MAYFLY_SYSCALL(pkey_alloc) {
  return -ENOSPC;
}

MAYFLY_SYSCALL(pkey_free) {
  return -EINVAL;
}

MAYFLY_SYSCALL(brk) {
  return static_cast<long>(thread.process.memory.set_break(args[0]));
}

MAYFLY_SYSCALL(madvise) {
  u64 size = abi::page_ceil(args[1]);
  return size < args[1] ? -EINVAL : thread.process.memory.advise(args[0], size, static_cast<int>(args[2]));
}

MAYFLY_SYSCALL(mremap) {
  u64 flags = args[3];
  u64 old_size = abi::page_ceil(args[1]);
  u64 new_size = abi::page_ceil(args[2]);
  bool must_move = (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) != 0;
  if ((flags & ~kMremapFlags) != 0 || (must_move && (flags & MREMAP_MAYMOVE) == 0)) return -EINVAL;
  if ((flags & MREMAP_DONTUNMAP) != 0 && old_size != new_size) return -EINVAL;
  if ((args[0] & abi::kPageMask) != 0 || new_size == 0 || old_size < args[1] || new_size > abi::kUserEnd)
    return -EINVAL;
  if ((flags & MREMAP_FIXED) != 0) {
    u64 target = args[4];
    if ((target & abi::kPageMask) != 0 || target > abi::kUserEnd - new_size) return -EINVAL;
    if (args[0] + old_size > target && target + new_size > args[0]) return -EINVAL;
  }
  return thread.process.memory.remap(args[0], old_size, new_size, static_cast<u32>(flags), args[4]);
}

}  // namespace mayfly::kernel
