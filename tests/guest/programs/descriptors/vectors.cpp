// readv, writev, preadv2, pwritev2: several buffers, flags, errors.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <initializer_list>
#include <vector>

#include "check.h"

namespace {

void scatter_and_gather() {
  int ends[2];
  CHECK(pipe(ends) == 0);
  char a[] = "abc";
  char b[] = "defgh";
  iovec out[3] = {{a, 3}, {nullptr, 0}, {b, 5}};
  CHECK(writev(ends[1], out, 3) == 8);
  char x[2];
  char y[10];
  iovec in[2] = {{x, 2}, {y, 10}};
  CHECK(readv(ends[0], in, 2) == 8 && std::memcmp(x, "ab", 2) == 0 && std::memcmp(y, "cdefgh", 6) == 0);
  CHECK(writev(ends[1], out, 0) == 0 && readv(ends[0], in, 0) == 0);
  CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
  passed("scatter and gather");
}

void positions() {
  int file = open("/tmp", O_TMPFILE | O_RDWR, 0600);
  char a[] = "01234567";
  char x[8] = {};
  iovec vector{a, 8};
  CHECK(pwritev(file, &vector, 1, 4) == 8 && lseek(file, 0, SEEK_CUR) == 0);
  vector = {x, 4};
  CHECK(preadv(file, &vector, 1, 8) == 4 && std::memcmp(x, "4567", 4) == 0);
  CHECK(preadv2(file, &vector, 1, -1, 0) == 4 && x[0] == 0 && lseek(file, 0, SEEK_CUR) == 4);
  CHECK(preadv2(file, &vector, 1, -1, RWF_HIPRI) == 4 && lseek(file, 0, SEEK_CUR) == 8);
  vector = {a, 2};
  CHECK(pwritev2(file, &vector, 1, 0, RWF_SYNC | RWF_DSYNC) == 2);
  CHECK(pwritev2(file, &vector, 1, 0, RWF_APPEND) == 2 && lseek(file, 0, SEEK_END) == 14);
  CHECK(lseek(file, 3, SEEK_SET) == 3 && pwritev2(file, &vector, 1, -1, RWF_APPEND) == 2);
  CHECK(lseek(file, 0, SEEK_CUR) == 16);
  CHECK_FAILS(preadv2(file, &vector, 1, 0, 0x4000), EOPNOTSUPP);
  CHECK_FAILS(pwritev2(file, &vector, 1, 0, 0x4000), EOPNOTSUPP);
  CHECK_FAILS(preadv2(file, &vector, 1, -2, 0), EINVAL);
  CHECK_FAILS(preadv(file, &vector, 1, -1), EINVAL);
  CHECK(close(file) == 0);
  passed("positions and flags");
}

void without_waiting() {
  int ends[2];
  CHECK(pipe(ends) == 0);
  char x[8];
  iovec vector{x, 8};
  CHECK_FAILS(preadv2(ends[0], &vector, 1, -1, RWF_NOWAIT), EAGAIN);
  CHECK(write(ends[1], "abc", 3) == 3 && preadv2(ends[0], &vector, 1, -1, RWF_NOWAIT) == 3);
  CHECK((fcntl(ends[0], F_GETFL) & O_NONBLOCK) == 0);
  int pair[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  CHECK_FAILS(preadv2(pair[0], &vector, 1, -1, RWF_NOWAIT), EAGAIN);
  for (int each : {ends[0], ends[1], pair[0], pair[1]}) CHECK(close(each) == 0);
  passed("RWF_NOWAIT");
}

void errors() {
  int ends[2];
  CHECK(pipe(ends) == 0);
  char x[8] = {};
  std::vector<iovec> many(1025, iovec{x, 1});
  CHECK_FAILS(writev(ends[1], many.data(), 1025), EINVAL);
  CHECK(writev(ends[1], many.data(), 1024) == 1024);
  CHECK_FAILS(syscall(SYS_readv, ends[0], many.data(), -1), EINVAL);
  CHECK_FAILS(writev(ends[1], bad_address<iovec>(), 1), EFAULT);
  iovec vector[2] = {{x, static_cast<size_t>(-1)}, {x, 1}};
  CHECK_FAILS(writev(ends[1], vector, 2), EINVAL);
  CHECK_FAILS(readv(999, vector, 1), EBADF);
  CHECK_FAILS(readv(ends[1], many.data(), 1), EBADF);
  CHECK_FAILS(preadv(ends[0], many.data(), 1, 0), ESPIPE);
  CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
  passed("wrong arguments");
}

void partly_accessible() {
  auto* pages = static_cast<char*>(mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  CHECK(pages != MAP_FAILED && munmap(pages + 4096, 4096) == 0);
  int file = open("/tmp", O_TMPFILE | O_RDWR, 0600);
  std::memset(pages, 'p', 4096);
  iovec out[2] = {{pages + 4000, 96}, {pages + 4096, 10}};
  CHECK(writev(file, out, 2) == 96);  // what could be had
  CHECK_FAILS(write(file, pages + 4096, 10), EFAULT);
  CHECK(pread(file, pages + 4090, 6, 0) == 6);
  CHECK_FAILS(pread(file, pages + 4096, 6, 0), EFAULT);
  CHECK(close(file) == 0 && munmap(pages, 4096) == 0);
  passed("memory that ends in the middle");
}

}  // namespace

int main() {
  scatter_and_gather();
  positions();
  without_waiting();
  errors();
  partly_accessible();
}
