// Where mmap puts things: hints, fixed addresses, and addresses that cannot be.
#include "fault.h"

int main() {
  catch_faults();
  char* area = map(8 * kPage);
  std::memset(area, 'a', 8 * kPage);
  CHECK(map(kPage, PROT_READ, kAnonymous, -1, 0, area + 2 * kPage) != area + 2 * kPage);
  CHECK(munmap(area + 4 * kPage, kPage) == 0);
  CHECK(map(kPage, kReadWrite, kAnonymous, -1, 0, area + 4 * kPage) == area + 4 * kPage);
  CHECK(area[4 * kPage] == 0);
  CHECK((reinterpret_cast<size_t>(map(kPage, kReadWrite, kAnonymous, -1, 0, area + 100)) & (kPage - 1)) == 0);
  passed("hints");

  CHECK(map(2 * kPage, kReadWrite, kAnonymous | MAP_FIXED, -1, 0, area + kPage) == area + kPage);
  CHECK(area[kPage] == 0 && area[2 * kPage] == 0 && area[0] == 'a' && area[3 * kPage] == 'a');
  CHECK(map(kPage, PROT_NONE, kAnonymous | MAP_FIXED, -1, 0, area) == area && may_not(area, false));
  passed("fixed");

  CHECK(map_error(area + 3 * kPage, kPage, PROT_READ, kAnonymous | MAP_FIXED_NOREPLACE) == EEXIST);
  CHECK(area[3 * kPage] == 'a');
  CHECK(munmap(area + 5 * kPage, kPage) == 0);
  CHECK(map(kPage, PROT_READ, kAnonymous | MAP_FIXED_NOREPLACE, -1, 0, area + 5 * kPage) == area + 5 * kPage);
  CHECK(map_error(area + 4 * kPage, 4 * kPage, PROT_READ, kAnonymous | MAP_FIXED_NOREPLACE) == EEXIST);
  passed("fixed, not replacing");

  CHECK(map_error(area + 1, kPage, PROT_READ, kAnonymous | MAP_FIXED) == EINVAL);
  CHECK(map_error(reinterpret_cast<void*>(size_t{1} << 47), kPage, PROT_READ, kAnonymous | MAP_FIXED) == ENOMEM);
  CHECK(map_error(reinterpret_cast<void*>(~size_t{0} & ~(kPage - 1)), kPage, PROT_READ, kAnonymous | MAP_FIXED) ==
        ENOMEM);
  CHECK(map_error(nullptr, 0, PROT_READ, kAnonymous) == EINVAL);
  CHECK(map_error(nullptr, ~size_t{0}, PROT_READ, kAnonymous) == ENOMEM);
  CHECK(map_error(nullptr, size_t{1} << 47, PROT_NONE, kAnonymous | MAP_NORESERVE) == ENOMEM);
  CHECK(map_error(nullptr, kPage, PROT_READ, MAP_ANONYMOUS) == EINVAL);
  CHECK(map_error(nullptr, kPage, PROT_READ, kAnonymous, -1, 100) == EINVAL);
  passed("errors");

  char* low = map(16 * kPage, kReadWrite, kAnonymous | MAP_32BIT);
  CHECK(reinterpret_cast<size_t>(low) + 16 * kPage <= size_t{1} << 31);
  low[16 * kPage - 1] = 1;
  CHECK(munmap(low, 16 * kPage) == 0);
  passed("below 2 GiB");
}
