// System calls that are given memory which is not there, or not with the right they need, fail and change nothing.
#include <sys/stat.h>
#include <sys/uio.h>

#include "fault.h"

int main() {
  catch_faults();
  char* memory = map(4 * kPage);
  std::memset(memory, 'b', 4 * kPage);
  CHECK(mprotect(memory + kPage, kPage, PROT_READ) == 0 && mprotect(memory + 2 * kPage, kPage, PROT_NONE) == 0);
  CHECK(munmap(memory + 3 * kPage, kPage) == 0);
  char* readable = memory + kPage;
  char* hidden = memory + 2 * kPage;
  char* gone = memory + 3 * kPage;
  auto* kernel = reinterpret_cast<char*>(0xffff'8000'0000'0000);
  int ends[2];
  CHECK(pipe(ends) == 0);

  for (char* bad : {hidden, gone, kernel, static_cast<char*>(nullptr)}) {
    CHECK(failed(write(ends[1], bad, 1), EFAULT));
    CHECK(failed(open(bad, O_RDONLY), EFAULT));
    CHECK(failed(stat("/", reinterpret_cast<struct stat*>(bad)), EFAULT));
    CHECK(failed(pipe(reinterpret_cast<int*>(bad)), EFAULT));
  }
  passed("nothing there");

  CHECK(write(ends[1], readable, 8) == 8);
  CHECK(failed(read(ends[0], readable, 8), EFAULT));
  CHECK(failed(stat("/", reinterpret_cast<struct stat*>(readable)), EFAULT));
  CHECK(readable[0] == 'b');
  passed("only readable");

  int fd = temporary_file(0);
  iovec parts[2] = {{memory, 4}, {hidden, 4}};
  CHECK(writev(fd, parts, 2) == 4 || errno == EFAULT);
  CHECK(pwrite(fd, "12345678", 8, 0) == 8);
  long got = pread(fd, readable - 4, 8, 0);
  CHECK(got == 4 || failed(got, EFAULT));
  CHECK(std::memcmp(readable - 4, "1234", 4) == 0 && readable[0] == 'b');
  passed("partly there");

  char* shared = map(kPage, kReadWrite, MAP_SHARED, fd);
  CHECK(pread(fd, shared + 100, 8, 0) == 8 && std::memcmp(shared + 100, "12345678", 8) == 0);
  CHECK(pwrite(fd, shared, 8, 200) == 8 && ftruncate(fd, 300) == 0 && std::memcmp(shared + 200, "12345678", 8) == 0);
  passed("a file into its own mapping");
}
