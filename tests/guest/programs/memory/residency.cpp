// mincore, the mlock family and msync.
#include <sys/resource.h>
#include <sys/syscall.h>

#include "fault.h"

namespace {

void in_core() {
  unsigned char there[8] = {};
  char* memory = map(8 * kPage);
  CHECK(mincore(memory, 8 * kPage, there) == 0);
  for (unsigned char page : there) CHECK((page & 1) == 0);
  memory[2 * kPage] = 1;
  memory[5 * kPage] = 1;
  CHECK(mincore(memory, 8 * kPage, there) == 0);
  CHECK((there[2] & 1) == 1 && (there[5] & 1) == 1 && (there[0] & 1) == 0 && (there[7] & 1) == 0);
  CHECK(madvise(memory + 2 * kPage, kPage, MADV_DONTNEED) == 0);
  CHECK(mincore(memory, 8 * kPage, there) == 0 && (there[2] & 1) == 0 && (there[5] & 1) == 1);
  CHECK(madvise(memory, 8 * kPage, MADV_POPULATE_READ) == 0 && mincore(memory, 8 * kPage, there) == 0);
  for (unsigned char page : there) CHECK((page & 1) == 1);
  passed("mincore");

  CHECK(failed(mincore(memory + 1, kPage, there), EINVAL));
  CHECK(failed(syscall(SYS_mincore, memory, kPage, 8), EFAULT));
  CHECK(mincore(memory, 0, there) == 0);
  CHECK(munmap(memory + 4 * kPage, kPage) == 0 && failed(mincore(memory, 8 * kPage, there), ENOMEM));
  CHECK(failed(mincore(memory, ~size_t{0} & ~(kPage - 1), there), ENOMEM));
  passed("mincore: errors");
}

void locking() {
  char* memory = map(8 * kPage);
  unsigned char there[2] = {};
  CHECK(mlock(memory + 100, kPage) == 0 && mincore(memory, 2 * kPage, there) == 0);
  CHECK((there[0] & 1) == 1 && (there[1] & 1) == 1);
  CHECK(failed(madvise(memory, kPage, MADV_DONTNEED), EINVAL));
  CHECK(failed(msync(memory, kPage, MS_SYNC | MS_INVALIDATE), EBUSY));
  CHECK(munlock(memory, 2 * kPage) == 0 && madvise(memory, kPage, MADV_DONTNEED) == 0);
  CHECK(syscall(SYS_mlock2, memory, kPage, MLOCK_ONFAULT) == 0 && munlock(memory, kPage) == 0);
  CHECK(failed(syscall(SYS_mlock2, memory, kPage, 8), EINVAL));
  CHECK(munmap(memory + 4 * kPage, kPage) == 0);
  CHECK(failed(mlock(memory + 3 * kPage, 3 * kPage), ENOMEM) && failed(munlock(memory + 4 * kPage, kPage), ENOMEM));
  CHECK(mprotect(memory + 6 * kPage, kPage, PROT_NONE) == 0 && failed(mlock(memory + 6 * kPage, kPage), ENOMEM));
  CHECK(failed(mlock(memory, ~size_t{0} - kPage), EINVAL) || errno == ENOMEM);
  CHECK(mlock(memory, 0) == 0);
  passed("mlock and munlock");

  CHECK(failed(mlockall(0), EINVAL) && failed(mlockall(MCL_ONFAULT), EINVAL) && failed(mlockall(64), EINVAL));
  CHECK(munlockall() == 0);
  passed("mlockall");
}

void synchronising() {
  char* memory = map(4 * kPage);
  CHECK(msync(memory, 4 * kPage, MS_ASYNC) == 0 && msync(memory, 4 * kPage, MS_SYNC) == 0);
  CHECK(msync(memory, 4 * kPage, 0) == 0 && msync(memory, 0, MS_SYNC) == 0);
  CHECK(failed(msync(memory, kPage, MS_ASYNC | MS_SYNC), EINVAL) && failed(msync(memory, kPage, 64), EINVAL));
  CHECK(failed(msync(memory + 1, kPage, MS_SYNC), EINVAL));
  CHECK(munmap(memory + kPage, kPage) == 0 && failed(msync(memory, 4 * kPage, MS_SYNC), ENOMEM));
  CHECK(failed(msync(memory + kPage, kPage, MS_ASYNC), ENOMEM));
  passed("msync");
}

}  // namespace

int main() {
  catch_faults();
  in_core();
  locking();
  synchronising();
}
