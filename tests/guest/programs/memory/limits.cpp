// RLIMIT_AS and RLIMIT_DATA: where mmap, brk, mremap and mprotect stop.
#include <sys/resource.h>
#include <sys/syscall.h>

#include "fault.h"

namespace {

constexpr size_t kLarge = size_t{1} << 30;

void set_limit(__rlimit_resource resource, rlim_t bytes) {
  rlimit limit{};
  CHECK(getrlimit(resource, &limit) == 0);
  limit.rlim_cur = bytes;
  CHECK(setrlimit(resource, &limit) == 0);
}

}  // namespace

int main() {
  catch_faults();
  char* small = map(2 * kPage);
  char* break_before = static_cast<char*>(sbrk(0));
  set_limit(RLIMIT_AS, kLarge);
  CHECK(map_error(nullptr, kLarge, PROT_NONE, kAnonymous | MAP_NORESERVE) == ENOMEM);
  CHECK(mremap(small, 2 * kPage, kLarge, MREMAP_MAYMOVE) == MAP_FAILED && errno == ENOMEM);
  CHECK(sbrk(kLarge) == reinterpret_cast<void*>(-1) && errno == ENOMEM && sbrk(0) == break_before);
  CHECK(munmap(map(kPage), kPage) == 0);
  set_limit(RLIMIT_AS, RLIM_INFINITY);
  CHECK(munmap(map(kLarge, PROT_NONE, kAnonymous | MAP_NORESERVE), kLarge) == 0);
  passed("address space");

  set_limit(RLIMIT_DATA, kLarge);
  CHECK(map_error(nullptr, kLarge, kReadWrite, kAnonymous | MAP_NORESERVE) == ENOMEM);
  char* reserved = map(kLarge, PROT_NONE, kAnonymous | MAP_NORESERVE);
  CHECK(failed(mprotect(reserved, kLarge, kReadWrite), ENOMEM) && mprotect(reserved, kPage, kReadWrite) == 0);
  CHECK(munmap(map(kLarge, kReadWrite, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE), kLarge) == 0);
  CHECK(sbrk(kLarge) == reinterpret_cast<void*>(-1));
  set_limit(RLIMIT_DATA, RLIM_INFINITY);
  CHECK(mprotect(reserved, kLarge, kReadWrite) == 0);
  passed("data");

  break_before = static_cast<char*>(sbrk(0));
  CHECK(sbrk(3 * kPage) == break_before && break_before[3 * kPage - 1] == 0);
  break_before[0] = 'b';
  CHECK(brk(break_before + kPage) == 0 && break_before[0] == 'b');
  char* page_end = reinterpret_cast<char*>((reinterpret_cast<size_t>(break_before) + 2 * kPage - 1) & ~(kPage - 1));
  CHECK(not_mapped(page_end) && sbrk(2 * kPage) == break_before + kPage && page_end[0] == 0);
  CHECK(syscall(SYS_brk, kPage) == reinterpret_cast<long>(sbrk(0)));
  passed("program break");
}
