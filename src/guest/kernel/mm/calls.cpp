// mmap and its kin.
#include <asm/mman.h>
#include <linux/errno.h>
#include <linux/mman.h>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kMremapFlags = MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP;

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

/// The file behind a mapping, with the checks that mmap(2) makes of it. @return 0 or -errno
long mapped_file(Thread& thread, const SyscallArgs& args, Area& area) {
  Ref<File> file = thread.process.files.get(args.fd(4));
  if (!file) return -EBADF;
  if ((args[5] & abi::kPageMask) != 0) return -EINVAL;
  bool shared_mapping = (args[3] & MAP_TYPE) != MAP_PRIVATE;
  if (!file->readable()) return -EACCES;
  if (shared_mapping && (args[2] & PROT_WRITE) != 0 && !file->writable()) return -EACCES;
  if (shared_mapping && (args[2] & PROT_WRITE) != 0 && !file->maps_shared()) {
    report(abi::ReportKind::unsupported, "a shared, writable mapping of a file in a volume");
    return -ENODEV;
  }
  area.file = file;
  area.offset = args[5];
  return 0;
}

}  // namespace

MAYFLY_SYSCALL(mmap) {
  u64 type = args[3] & MAP_TYPE;
  if (type != MAP_PRIVATE && type != MAP_SHARED && type != MAP_SHARED_VALIDATE) return -EINVAL;
  u64 size = abi::page_ceil(args[1]);
  if (args[1] == 0 || (args[5] & abi::kPageMask) != 0) return -EINVAL;
  if (size < args[1]) return -ENOMEM;
  Area area;
  area.protection = protection_of(args[2]);
  if (type != MAP_PRIVATE) area.flags |= kAreaShared;
  if ((args[3] & MAP_NORESERVE) != 0) area.flags |= kAreaNoReserve;
  if ((args[3] & MAP_ANONYMOUS) == 0) {
    if (long error = mapped_file(thread, args, area); error != 0) return error;
  }
  return thread.process.memory.map(abi::page_floor(args[0]), size, placement_of(args[0], args[3]), area);
}

MAYFLY_SYSCALL(munmap) {
  if ((args[0] & abi::kPageMask) != 0 || args[1] == 0) return -EINVAL;
  return thread.process.memory.unmap(args[0], abi::page_ceil(args[1]));
}

MAYFLY_SYSCALL(mprotect) {
  if ((args[0] & abi::kPageMask) != 0) return -EINVAL;
  return thread.process.memory.protect(args[0], abi::page_ceil(args[1]), protection_of(args[2]));
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
  if ((args[0] & abi::kPageMask) != 0) return -EINVAL;
  u64 size = abi::page_ceil(args[1]);
  return size == 0 ? 0 : thread.process.memory.advise(args[0], size, static_cast<int>(args[2]));
}

MAYFLY_SYSCALL(mremap) {
  if ((args[0] & abi::kPageMask) != 0 || args[2] == 0 || (args[3] & ~kMremapFlags) != 0) return -EINVAL;
  return thread.process.memory.remap(args[0], abi::page_ceil(args[1]), abi::page_ceil(args[2]),
                                     static_cast<u32>(args[3]), args[4]);
}

// Nothing is ever paged out, so memory is locked as it is, and synchronised with a file that nobody else sees.
MAYFLY_SYSCALL(mlock) {
  return 0;
}
MAYFLY_SYSCALL(mlock2) {
  return 0;
}
MAYFLY_SYSCALL(munlock) {
  return 0;
}
MAYFLY_SYSCALL(mlockall) {
  return 0;
}
MAYFLY_SYSCALL(munlockall) {
  return 0;
}
MAYFLY_SYSCALL(msync) {
  return (args[0] & abi::kPageMask) != 0 ? -EINVAL : 0;
}

MAYFLY_SYSCALL(mincore) {
  if ((args[0] & abi::kPageMask) != 0) return -EINVAL;
  u64 pages = abi::page_ceil(args[1]) / abi::kPageSize;
  for (u64 page = 0; page < pages; ++page) {
    u64 address = args[0] + page * abi::kPageSize;
    const Area* area = thread.process.memory.find(address);
    if (area == nullptr || area->begin > address) return -ENOMEM;
    if (!write_user(args[2] + page, u8{1})) return -EFAULT;
  }
  return 0;
}

// One memory node; policies have nothing to choose from.
MAYFLY_SYSCALL(mbind) {
  return 0;
}
MAYFLY_SYSCALL(set_mempolicy) {
  return 0;
}
MAYFLY_SYSCALL(get_mempolicy) {
  return args[0] != 0 && !write_user(args[0], i32{0}) ? -EFAULT : 0;
}

}  // namespace mayfly::kernel
