// The end of a mapped file: zeros up to the end of its page, SIGBUS behind, also when the file shrinks under the
// mapping.
#include <sys/stat.h>

#include "fault.h"

int main() {
  catch_faults();
  int fd = temporary_file(10);
  char* shared = map(3 * kPage, kReadWrite, MAP_SHARED, fd);
  char* copy = map(3 * kPage, kReadWrite, MAP_PRIVATE, fd);
  for (char* memory : {shared, copy}) {
    CHECK(memory[9] == 'f' && memory[10] == 0 && memory[kPage - 1] == 0);
    CHECK(behind_file(memory + kPage) && behind_file(memory + 2 * kPage));
    CHECK(touch(memory + kPage, true) == SIGBUS);
  }
  passed("behind the last page");

  CHECK(failed(write(1, shared + kPage, 1), EFAULT));
  CHECK(failed(pread(fd, shared + 2 * kPage, 5, 0), EFAULT));
  passed("EFAULT for system calls");

  CHECK(ftruncate(fd, 2 * kPage + 1) == 0);
  CHECK(shared[kPage] == 0 && shared[2 * kPage] == 0 && copy[kPage] == 0);
  shared[2 * kPage] = 's';
  char byte = 0;
  CHECK(pread(fd, &byte, 1, 2 * kPage) == 1 && byte == 's');
  passed("the file grows");

  shared[kPage] = 'g';
  CHECK(ftruncate(fd, kPage) == 0);
  CHECK(behind_file(shared + kPage) && behind_file(shared + 2 * kPage) && shared[0] == 'f');
  CHECK(ftruncate(fd, 3 * kPage) == 0 && shared[kPage] == 0 && shared[2 * kPage] == 0);
  passed("the file shrinks");

  shared[5] = 'q';
  CHECK(ftruncate(fd, 5) == 0 && ftruncate(fd, kPage) == 0 && shared[4] == 'f' && shared[5] == 0);
  passed("what was cut off comes back as zeros");

  int program = open("/proc/self/exe", O_RDONLY);
  struct stat status {};
  CHECK(program >= 0 && fstat(program, &status) == 0);
  size_t size = (static_cast<size_t>(status.st_size) + kPage - 1) & ~(kPage - 1);
  char* text = map(size + 2 * kPage, PROT_READ, MAP_PRIVATE, program);
  CHECK(text[0] == '\177' && touch(text + size - 1, false) == 0);
  CHECK(behind_file(text + size) && behind_file(text + size + kPage));
  passed("a file that may only be read");
}
