// /dev: the devices that every program expects.
#include <sys/mman.h>
#include <sys/sysmacros.h>

#include <cstdint>

#include "scratch_folder.h"

namespace {

void null() {
  int fd = open("/dev/null", O_RDWR);
  char byte = 'x';
  CHECK(fd >= 0 && read(fd, &byte, 1) == 0 && write(fd, "anything", 8) == 8 && lseek(fd, 100, SEEK_SET) >= 0);
  CHECK(pread(fd, &byte, 1, 10) == 0 && pwrite(fd, &byte, 1, 10) == 1 && byte == 'x');
  CHECK_ERROR(ftruncate(fd, 0), EINVAL);
  struct stat status {};
  CHECK(fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3) && close(fd) == 0);
  fd = open("/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0644);
  CHECK(fd >= 0 && close(fd) == 0);
  CHECK_ERROR(open("/dev/null", O_RDONLY | O_DIRECTORY), ENOTDIR);
  CHECK_ERROR(open("/dev/null/x", O_RDONLY), ENOTDIR);
  passed("null");
}

void zero_and_full() {
  int fd = open("/dev/zero", O_RDWR);
  char bytes[64];
  std::memset(bytes, 1, sizeof bytes);
  CHECK(fd >= 0 && read(fd, bytes, sizeof bytes) == 64 && bytes[0] == 0 && bytes[63] == 0);
  CHECK(write(fd, bytes, 5) == 5 && close(fd) == 0);
  fd = open("/dev/full", O_RDWR);
  CHECK(fd >= 0 && read(fd, bytes, 4) == 4 && bytes[0] == 0);
  CHECK_ERROR(write(fd, "x", 1), ENOSPC);
  CHECK(close(fd) == 0);
  passed("zero and full");
}

void randomness() {
  for (const char* name : {"/dev/random", "/dev/urandom"}) {
    int fd = open(name, O_RDONLY);
    std::uint64_t numbers[4] = {};
    CHECK(fd >= 0 && read(fd, numbers, sizeof numbers) == 32 && close(fd) == 0);
    CHECK(numbers[0] != numbers[1] && numbers[2] != numbers[3] && (numbers[0] | numbers[1]) != 0);
  }
  passed("randomness");
}

void streams() {
  char target[64] = {};
  CHECK(readlink("/dev/fd", target, sizeof target) == 13 && std::string(target) == "/proc/self/fd");
  CHECK(S_ISLNK(status_of("/dev/stdout").st_mode) && exists("/dev/stdin") && exists("/dev/stderr"));
  put("file", "by its number");
  int fd = open("file", O_RDONLY);
  CHECK(contents_of(("/dev/fd/" + std::to_string(fd)).c_str()) == "by its number" && close(fd) == 0);
  passed("streams");
}

void shared_memory() {
  struct stat status = status_of("/dev/shm", 0);
  CHECK(S_ISDIR(status.st_mode) && (status.st_mode & 01777) == 01777);
  shm_unlink("/mayfly-guest");
  int fd = shm_open("/mayfly-guest", O_RDWR | O_CREAT | O_EXCL, 0600);
  CHECK(fd >= 0 && ftruncate(fd, 4096) == 0 && exists("/dev/shm/mayfly-guest"));
  void* mapped = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  CHECK(mapped != MAP_FAILED && pwrite(fd, "x", 1, 0) == 1);
  CHECK(munmap(mapped, 4096) == 0 && close(fd) == 0 && shm_unlink("/mayfly-guest") == 0 &&
        !exists("/dev/shm/mayfly-guest"));
  passed("shared memory");
}

}  // namespace

int main() {
  ScratchFolder scratch;
  null();
  zero_and_full();
  randomness();
  streams();
  shared_memory();
}
