// Reading, writing and seeking at offsets; holes.
#include <linux/falloc.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "scratch_folder.h"

namespace {

constexpr off_t kBlock = 65536;

void positions() {
  int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0644);
  char text[16] = {};
  CHECK(write(fd, "0123456789", 10) == 10 && lseek(fd, 0, SEEK_CUR) == 10);
  CHECK(lseek(fd, -3, SEEK_CUR) == 7 && read(fd, text, 2) == 2 && std::string(text) == "78");
  CHECK(lseek(fd, -1, SEEK_END) == 9 && read(fd, text, 16) == 1 && read(fd, text, 16) == 0);
  CHECK_ERROR(lseek(fd, -1, SEEK_SET), EINVAL);
  CHECK_ERROR(lseek(fd, -11, SEEK_END), EINVAL);
  CHECK_ERROR(lseek(fd, 0, 17), EINVAL);
  CHECK_ERROR(lseek(1234, 0, SEEK_SET), EBADF);
  CHECK(lseek(fd, 4, SEEK_SET) == 4);
  CHECK(pread(fd, text, 3, 1) == 3 && pwrite(fd, "ab", 2, 8) == 2 && lseek(fd, 0, SEEK_CUR) == 4);
  CHECK(contents_of(fd) == "01234567ab");
  CHECK_ERROR(pread(fd, text, 1, -1), EINVAL);
  CHECK_ERROR(pwrite(fd, text, 1, -1), EINVAL);
  CHECK(pread(fd, text, 1, 1'000'000) == 0 && read(fd, text, 0) == 0 && write(fd, text, 0) == 0);
  int pipes[2];
  CHECK(pipe(pipes) == 0);
  CHECK_ERROR(lseek(pipes[0], 0, SEEK_CUR), ESPIPE);
  CHECK_ERROR(pread(pipes[0], text, 1, 0), ESPIPE);
  CHECK(close(pipes[0]) == 0 && close(pipes[1]) == 0 && close(fd) == 0);
  passed("positions");
}

void shared_position() {
  int fd = open("file", O_RDWR);
  int copy = dup(fd);
  int other = open("file", O_RDWR);
  CHECK(lseek(fd, 5, SEEK_SET) == 5 && lseek(copy, 0, SEEK_CUR) == 5 && lseek(other, 0, SEEK_CUR) == 0);
  for (int each : {fd, copy, other}) CHECK(close(each) == 0);
  passed("shared position");
}

void vectors() {
  int fd = open("file", O_RDWR | O_TRUNC);
  char a[] = "one";
  char b[] = "two";
  iovec parts[3] = {{a, 3}, {nullptr, 0}, {b, 3}};
  CHECK(writev(fd, parts, 3) == 6 && pwritev(fd, parts, 3, 2) == 6 && contents_of(fd) == "ononetwo");
  char c[4] = {};
  iovec into[2] = {{a, 3}, {c, 4}};
  CHECK(preadv(fd, into, 2, 2) == 6 && std::string(a) == "one" && std::string(c) == "two");
  CHECK(preadv2(fd, into, 2, 2, 0) == 6 && lseek(fd, 0, SEEK_SET) == 0);
  CHECK(preadv2(fd, into, 2, -1, 0) == 7 && lseek(fd, 0, SEEK_CUR) == 7);
  CHECK_ERROR(syscall(SYS_readv, fd, into, -1), EINVAL);
  CHECK_ERROR(syscall(SYS_readv, fd, into, 1025), EINVAL);
  CHECK(readv(fd, into, 0) == 0 && close(fd) == 0);
  passed("vectors");
}

void holes() {
  int fd = open("sparse", O_RDWR | O_CREAT, 0644);
  CHECK(pwrite(fd, "data", 4, 4 * kBlock) == 4 && ftruncate(fd, 8 * kBlock) == 0);
  struct stat status {};
  CHECK(fstat(fd, &status) == 0 && status.st_size == 8 * kBlock && status.st_blocks * 512 < 4 * kBlock);
  CHECK(lseek(fd, 0, SEEK_DATA) == 4 * kBlock && lseek(fd, 0, SEEK_HOLE) == 0);
  off_t hole = lseek(fd, 4 * kBlock, SEEK_HOLE);
  CHECK(hole > 4 * kBlock && hole <= 5 * kBlock && lseek(fd, 4 * kBlock + 1, SEEK_DATA) == 4 * kBlock + 1);
  CHECK_ERROR(lseek(fd, 5 * kBlock, SEEK_DATA), ENXIO);
  CHECK_ERROR(lseek(fd, 8 * kBlock, SEEK_DATA), ENXIO);
  CHECK_ERROR(lseek(fd, 8 * kBlock, SEEK_HOLE), ENXIO);
  CHECK_ERROR(lseek(fd, -1, SEEK_DATA), ENXIO);
  char bytes[8] = {1, 1, 1, 1};
  CHECK(pread(fd, bytes, 8, 4 * kBlock - 4) == 8 && bytes[0] == 0 && bytes[3] == 0 && bytes[4] == 'd');
  CHECK(close(fd) == 0);
  passed("holes");
}

void sizes() {
  int fd = open("sized", O_RDWR | O_CREAT, 0644);
  struct stat status {};
  CHECK(write(fd, "0123456789", 10) == 10 && ftruncate(fd, 4) == 0 && contents_of(fd) == "0123");
  CHECK(ftruncate(fd, 6) == 0 && contents_of(fd) == std::string("0123\0\0", 6));  // nothing comes back
  CHECK(truncate("sized", 2) == 0 && contents_of("sized") == "01");
  CHECK_ERROR(ftruncate(fd, -1), EINVAL);
  CHECK_ERROR(truncate("sized", -1), EINVAL);
  CHECK_ERROR(truncate("missing", 0), ENOENT);
  CHECK_ERROR(truncate(".", 0), EISDIR);
  CHECK_ERROR(ftruncate(1234, 0), EBADF);
  CHECK(fstat(fd, &status) == 0 && status.st_size == 2 && close(fd) == 0);
  passed("sizes");
}

void allocation() {
  int fd = open("allocated", O_RDWR | O_CREAT, 0644);
  struct stat status {};
  CHECK(fallocate(fd, 0, 0, kBlock) == 0 && fstat(fd, &status) == 0 && status.st_size == kBlock);
  CHECK(status.st_blocks * 512 >= kBlock);
  CHECK(fallocate(fd, FALLOC_FL_KEEP_SIZE, kBlock, kBlock) == 0 && fstat(fd, &status) == 0 && status.st_size == kBlock);
  std::string block(kBlock, 'x');
  CHECK(pwrite(fd, block.data(), block.size(), 0) == kBlock);
  CHECK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 8192) == 0);
  char bytes[3] = {};
  CHECK(pread(fd, bytes, 3, 4095) == 3 && bytes[0] == 'x' && bytes[1] == 0 && bytes[2] == 0);
  CHECK(pread(fd, bytes, 2, 4096 + 8191) == 2 && bytes[0] == 0 && bytes[1] == 'x');
  CHECK(fallocate(fd, FALLOC_FL_ZERO_RANGE, 0, 10) == 0 && pread(fd, bytes, 3, 9) == 3 && bytes[0] == 0 &&
        bytes[1] == 'x');
  CHECK_ERROR(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 1), EOPNOTSUPP);
  CHECK_ERROR(fallocate(fd, 0, -1, 1), EINVAL);
  CHECK_ERROR(fallocate(fd, 0, 0, 0), EINVAL);
  CHECK_ERROR(fallocate(fd, 0, 0, -1), EINVAL);
  CHECK(posix_fallocate(fd, 0, 2 * kBlock) == 0 && fstat(fd, &status) == 0 && status.st_size == 2 * kBlock);
  CHECK(close(fd) == 0);
  fd = open("allocated", O_RDONLY);
  CHECK_ERROR(fallocate(fd, 0, 0, 1), EBADF);
  CHECK(close(fd) == 0);
  int pipes[2];
  CHECK(pipe(pipes) == 0);
  CHECK_ERROR(fallocate(pipes[1], 0, 0, 1), ESPIPE);
  CHECK_ERROR(ftruncate(pipes[1], 0), EINVAL);
  CHECK(close(pipes[0]) == 0 && close(pipes[1]) == 0);
  passed("allocation");
}

}  // namespace

int main() {
  ScratchFolder scratch;
  positions();
  shared_position();
  vectors();
  holes();
  sizes();
  allocation();
}
