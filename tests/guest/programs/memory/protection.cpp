// mprotect: rights in force, contents kept, and what cannot be asked for.
#include <sys/syscall.h>

#include "fault.h"

int main() {
  catch_faults();
  char* memory = map(6 * kPage);
  std::memset(memory, 'p', 6 * kPage);
  CHECK(mprotect(memory + kPage, 2 * kPage, PROT_READ) == 0);
  CHECK(may_not(memory + kPage, true) && may_not(memory + 3 * kPage - 1, true));
  CHECK(memory[kPage] == 'p' && touch(memory, true) == 0 && touch(memory + 3 * kPage, true) == 0);
  CHECK(mprotect(memory + 2 * kPage, kPage, PROT_NONE) == 0);
  CHECK(may_not(memory + 2 * kPage, false) && may_not(memory + 2 * kPage, true));
  CHECK(mprotect(memory, 6 * kPage, kReadWrite) == 0);
  CHECK(memory[2 * kPage] == 'p' && touch(memory + 2 * kPage, true) == 0);
  passed("rights taken and given");

  unsigned char code[] = {0xb8, 7, 0, 0, 0, 0xc3};  // mov $7, %eax; ret
  std::memcpy(memory, code, sizeof code);
  auto function = reinterpret_cast<int (*)()>(memory);
  if (sigsetjmp(after_fault, 1) == 0) {
    function();
    CHECK(!"code ran that may not");
  }
  CHECK(last_fault.si_signo == SIGSEGV && last_fault.si_code == SEGV_ACCERR);
  CHECK(mprotect(memory, kPage, PROT_READ | PROT_EXEC) == 0 && function() == 7);
  CHECK(may_not(memory, true));
  CHECK(mprotect(memory, kPage, PROT_WRITE) == 0 && touch(memory, true) == 0);
  passed("execution");

  CHECK(munmap(memory + 4 * kPage, kPage) == 0);
  CHECK(failed(mprotect(memory + 3 * kPage, 3 * kPage, PROT_READ), ENOMEM));
  CHECK(may_not(memory + 3 * kPage, true) && touch(memory + 5 * kPage, true) == 0);
  passed("up to a hole");

  CHECK(failed(mprotect(memory + 1, kPage, PROT_READ), EINVAL));
  CHECK(failed(mprotect(memory, kPage, 0x40), EINVAL));
  CHECK(failed(mprotect(memory, kPage, PROT_READ | PROT_GROWSDOWN | PROT_GROWSUP), EINVAL));
  CHECK(failed(mprotect(memory, kPage, PROT_READ | PROT_GROWSDOWN), EINVAL));
  CHECK(failed(mprotect(memory, ~size_t{0} & ~(kPage - 1), PROT_READ), ENOMEM));
  CHECK(failed(mprotect(memory + 4 * kPage, kPage, PROT_READ), ENOMEM));
  CHECK(mprotect(memory + 4 * kPage, 0, PROT_READ) == 0);
  CHECK(syscall(SYS_pkey_mprotect, memory, kPage, kReadWrite, -1) == 0);
  passed("errors");

  int fd = temporary_file(10);
  char path[64];
  std::snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  int read_only = open(path, O_RDONLY);
  CHECK(read_only >= 0);
  char* shared = map(kPage, PROT_READ, MAP_SHARED, read_only);
  CHECK(failed(mprotect(shared, kPage, kReadWrite), EACCES) && may_not(shared, true));
  char* copy = map(kPage, PROT_READ, MAP_PRIVATE, read_only);
  CHECK(mprotect(copy, kPage, kReadWrite) == 0);
  copy[0] = 'c';
  CHECK(shared[0] == 'f' && copy[1] == 'f');
  passed("files opened for reading");
}
