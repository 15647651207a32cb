// memfd_create: files without names, their sizes, and seals.
#include <sys/stat.h>
#include <sys/syscall.h>

#include "fault.h"

namespace {

size_t size_of(int fd) {
  struct stat status {};
  CHECK(fstat(fd, &status) == 0);
  return static_cast<size_t>(status.st_size);
}

void contents() {
  int fd = memfd_create("notes", MFD_CLOEXEC);
  CHECK(fd >= 0 && size_of(fd) == 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
  CHECK(ftruncate(fd, 2 * kPage) == 0 && size_of(fd) == 2 * kPage);
  char* memory = map(2 * kPage, kReadWrite, MAP_SHARED, fd);
  CHECK(memory[kPage] == 0);
  std::memcpy(memory + kPage, "text", 4);
  char text[5] = {};
  CHECK(pread(fd, text, 4, kPage) == 4 && std::strcmp(text, "text") == 0);
  CHECK(ftruncate(fd, kPage) == 0 && behind_file(memory + kPage));
  char path[64];
  char target[64] = {};
  std::snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  CHECK(readlink(path, target, sizeof target - 1) > 0 && std::strcmp(target, "/memfd:notes (deleted)") == 0);
  CHECK(fcntl(fd, F_GET_SEALS) == F_SEAL_SEAL && failed(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EPERM));
  passed("contents and name");
}

void seals() {
  int fd = memfd_create("sealed", MFD_ALLOW_SEALING);
  CHECK(fd >= 0 && fcntl(fd, F_GET_SEALS) == 0 && ftruncate(fd, kPage) == 0);
  CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW) == 0);
  CHECK(failed(ftruncate(fd, 2 * kPage), EPERM) && failed(pwrite(fd, "x", 1, kPage), EPERM));
  CHECK(pwrite(fd, "x", 1, 0) == 1 && ftruncate(fd, kPage / 2) == 0);
  CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0 && failed(ftruncate(fd, 1), EPERM));
  CHECK(fcntl(fd, F_GET_SEALS) == (F_SEAL_GROW | F_SEAL_SHRINK));
  char* memory = map(kPage, kReadWrite, MAP_SHARED, fd);
  CHECK(failed(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY));
  CHECK(munmap(memory, kPage) == 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) == 0);
  CHECK(failed(pwrite(fd, "y", 1, 0), EPERM) && map_error(nullptr, kPage, kReadWrite, MAP_SHARED, fd) == EPERM);
  char* copy = map(kPage, kReadWrite, MAP_PRIVATE, fd);
  CHECK(copy[0] == 'x' && touch(copy, true) == 0);
  CHECK(failed(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, kPage), EPERM));
  CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL) == 0 && failed(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), EPERM));
  passed("seals");

  fd = memfd_create("future", MFD_ALLOW_SEALING);
  CHECK(ftruncate(fd, kPage) == 0);
  memory = map(kPage, kReadWrite, MAP_SHARED, fd);
  CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE) == 0);
  memory[0] = 'k';
  CHECK(failed(pwrite(fd, "y", 1, 0), EPERM) && map_error(nullptr, kPage, kReadWrite, MAP_SHARED, fd) == EPERM);
  char* view = map(kPage, PROT_READ, MAP_SHARED, fd);
  CHECK(view[0] == 'k' && failed(mprotect(view, kPage, kReadWrite), EACCES));
  passed("seals against future writes");
}

void errors() {
  CHECK(failed(memfd_create("x", 0x4000), EINVAL));
  CHECK(failed(syscall(SYS_memfd_create, nullptr, 0), EFAULT));
  char name[300];
  std::memset(name, 'n', sizeof name);
  name[250] = '\0';
  CHECK(failed(memfd_create(name, 0), EINVAL));
  name[249] = '\0';
  CHECK(memfd_create(name, 0) >= 0);
  int ends[2];
  CHECK(pipe(ends) == 0 && failed(fcntl(ends[0], F_GET_SEALS), EINVAL));
  int fd = memfd_create("unknown", MFD_ALLOW_SEALING);
  CHECK(failed(fcntl(fd, F_ADD_SEALS, 0x1000), EINVAL));
  CHECK(failed(ftruncate(fd, -1), EINVAL));
  passed("errors");
}

}  // namespace

int main() {
  catch_faults();
  contents();
  seals();
  errors();
}
