// mmap and its kin.
#include <asm/unistd_64.h>
#include <sys/mman.h>

#include "trace/signature.h"

namespace mayfly::trace {
namespace {

constexpr Name kProtections[] = {
    MAYFLY_NAME(PROT_NONE), MAYFLY_NAME(PROT_READ),      MAYFLY_NAME(PROT_WRITE),
    MAYFLY_NAME(PROT_EXEC), MAYFLY_NAME(PROT_GROWSDOWN), MAYFLY_NAME(PROT_GROWSUP),
};

constexpr Name kMapFlags[] = {
    MAYFLY_NAME(MAP_SHARED_VALIDATE), MAYFLY_NAME(MAP_SHARED), MAYFLY_NAME(MAP_PRIVATE),   MAYFLY_NAME(MAP_FIXED),
    MAYFLY_NAME(MAP_ANONYMOUS),       MAYFLY_NAME(MAP_32BIT),  MAYFLY_NAME(MAP_GROWSDOWN), MAYFLY_NAME(MAP_DENYWRITE),
    MAYFLY_NAME(MAP_EXECUTABLE),      MAYFLY_NAME(MAP_LOCKED), MAYFLY_NAME(MAP_NORESERVE), MAYFLY_NAME(MAP_POPULATE),
    MAYFLY_NAME(MAP_NONBLOCK),        MAYFLY_NAME(MAP_STACK),  MAYFLY_NAME(MAP_HUGETLB),   MAYFLY_NAME(MAP_SYNC),
    MAYFLY_NAME(MAP_FIXED_NOREPLACE),
};

constexpr Name kRemapFlags[] = {
    MAYFLY_NAME(MREMAP_MAYMOVE),
    MAYFLY_NAME(MREMAP_FIXED),
    MAYFLY_NAME(MREMAP_DONTUNMAP),
};

constexpr Name kAdvice[] = {
    MAYFLY_NAME(MADV_NORMAL),     MAYFLY_NAME(MADV_RANDOM),        MAYFLY_NAME(MADV_SEQUENTIAL),
    MAYFLY_NAME(MADV_WILLNEED),   MAYFLY_NAME(MADV_DONTNEED),      MAYFLY_NAME(MADV_FREE),
    MAYFLY_NAME(MADV_REMOVE),     MAYFLY_NAME(MADV_DONTFORK),      MAYFLY_NAME(MADV_DOFORK),
    MAYFLY_NAME(MADV_MERGEABLE),  MAYFLY_NAME(MADV_UNMERGEABLE),   MAYFLY_NAME(MADV_HUGEPAGE),
    MAYFLY_NAME(MADV_NOHUGEPAGE), MAYFLY_NAME(MADV_DONTDUMP),      MAYFLY_NAME(MADV_DODUMP),
    MAYFLY_NAME(MADV_WIPEONFORK), MAYFLY_NAME(MADV_KEEPONFORK),    MAYFLY_NAME(MADV_COLD),
    MAYFLY_NAME(MADV_PAGEOUT),    MAYFLY_NAME(MADV_POPULATE_READ), MAYFLY_NAME(MADV_POPULATE_WRITE),
};

constexpr Name kSyncFlags[] = {MAYFLY_NAME(MS_ASYNC), MAYFLY_NAME(MS_SYNC), MAYFLY_NAME(MS_INVALIDATE)};
constexpr Name kLockAllFlags[] = {MAYFLY_NAME(MCL_CURRENT), MAYFLY_NAME(MCL_FUTURE), MAYFLY_NAME(MCL_ONFAULT)};
constexpr Name kLockFlags[] = {{1, "MLOCK_ONFAULT"}};
constexpr Name kMemfdFlags[] = {
    MAYFLY_NAME(MFD_CLOEXEC),
    MAYFLY_NAME(MFD_ALLOW_SEALING),
    MAYFLY_NAME(MFD_HUGETLB),
};

unsigned remap_arguments(const Printer& call) {
  return (call.argument(3) & MREMAP_FIXED) != 0 ? 5 : 4;
}

constexpr Signature kSignatures[] = {
    {__NR_mmap, {kAddress, kUnsigned, flags(kProtections), flags(kMapFlags), kDescriptor, kHex}, Result::address},
    {__NR_munmap, {kAddress, kUnsigned}},
    {__NR_mprotect, {kAddress, kUnsigned, flags(kProtections)}},
    {__NR_pkey_mprotect, {kAddress, kUnsigned, flags(kProtections), kInt}},
    {__NR_pkey_alloc, {kHex, kHex}},
    {__NR_pkey_free, {kInt}},
    {__NR_brk, {kAddress}, Result::address},
    {__NR_madvise, {kAddress, kUnsigned, choice(kAdvice)}},
    {__NR_mremap, {kAddress, kUnsigned, kUnsigned, flags(kRemapFlags), kAddress}, Result::address, remap_arguments},
    {__NR_mlock, {kAddress, kUnsigned}},
    {__NR_mlock2, {kAddress, kUnsigned, flags(kLockFlags)}},
    {__NR_munlock, {kAddress, kUnsigned}},
    {__NR_mlockall, {flags(kLockAllFlags)}},
    {__NR_munlockall, {}},
    {__NR_msync, {kAddress, kUnsigned, flags(kSyncFlags)}},
    {__NR_mincore, {kAddress, kUnsigned, kAddress}},
    {__NR_mbind, {kAddress, kUnsigned, kHex, kAddress, kUnsigned, kHex}},
    {__NR_set_mempolicy, {kHex, kAddress, kUnsigned}},
    {__NR_get_mempolicy, {kAddress, kAddress, kUnsigned, kAddress, kHex}},
    {__NR_memfd_create, {kPath, flags(kMemfdFlags)}},
};

}  // namespace

Signatures memory_signatures() {
  return kSignatures;
}

}  // namespace mayfly::trace
