// Mappings of files: shared ones are the file, private ones are copies.
#include <sys/eventfd.h>

#include "fault.h"

namespace {

void shared_is_the_file() {
  int fd = temporary_file(3 * kPage);
  char* first = map(3 * kPage, kReadWrite, MAP_SHARED, fd);
  char* second = map(kPage, kReadWrite, MAP_SHARED, fd, kPage);
  char byte = 0;
  CHECK(first[0] == 'f' && second[0] == 'f');
  first[kPage] = 'm';
  CHECK(second[0] == 'm');
  CHECK(pread(fd, &byte, 1, kPage) == 1 && byte == 'm');
  second[1] = 'n';
  CHECK(first[kPage + 1] == 'n');
  CHECK(pwrite(fd, "w", 1, kPage + 2) == 1 && first[kPage + 2] == 'w' && second[2] == 'w');
  CHECK(msync(first, 3 * kPage, MS_SYNC) == 0);
  passed("shared: mappings, read and write agree");

  CHECK(munmap(first, 3 * kPage) == 0 && second[0] == 'm' && not_mapped(first + kPage));
  CHECK(close(fd) == 0);
  second[3] = 'x';
  CHECK(second[3] == 'x' && munmap(second, kPage) == 0 && not_mapped(second));
  passed("shared: outlives the descriptor and the name");
}

void files_with_names() {
  const char* path = "/tmp/mayfly-shared-file";
  int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  CHECK(fd >= 0 && ftruncate(fd, 2 * kPage) == 0);
  char* memory = map(2 * kPage, kReadWrite, MAP_SHARED, fd);
  CHECK(memory[0] == 0 && memory[2 * kPage - 1] == 0);
  std::memcpy(memory + kPage - 2, "over", 4);
  CHECK(close(fd) == 0 && munmap(memory, 2 * kPage) == 0);
  fd = open(path, O_RDONLY);
  char text[5] = {};
  CHECK(pread(fd, text, 4, kPage - 2) == 4 && std::strcmp(text, "over") == 0);
  char* view = map(2 * kPage, PROT_READ, MAP_SHARED, fd);
  int writer = open(path, O_RDWR);
  CHECK(writer >= 0 && pwrite(writer, "new", 3, 0) == 3 && std::memcmp(view, "new", 3) == 0);
  CHECK(unlink(path) == 0 && view[0] == 'n' && may_not(view, true));
  passed("shared: through other descriptors");
}

void private_is_a_copy() {
  int fd = temporary_file(2 * kPage);
  char* memory = map(2 * kPage, kReadWrite, MAP_PRIVATE, fd);
  char byte = 0;
  memory[0] = 'p';
  CHECK(memory[1] == 'f' && memory[kPage] == 'f');
  CHECK(pread(fd, &byte, 1, 0) == 1 && byte == 'f');
  CHECK(pwrite(fd, "w", 1, 0) == 1 && memory[0] == 'p');
  CHECK(madvise(memory, kPage, MADV_DONTNEED) == 0 && memory[0] == 'w');
  char* offset = map(kPage, PROT_READ, MAP_PRIVATE, fd, kPage);
  CHECK(offset[kPage - 1] == 'f' && may_not(offset, true));
  passed("private");
}

void a_program_file() {
  int fd = open("/proc/self/exe", O_RDONLY);
  CHECK(fd >= 0);
  char* memory = map(kPage, PROT_READ, MAP_PRIVATE, fd);
  char* shared = map(kPage, PROT_READ, MAP_SHARED, fd);
  CHECK(std::memcmp(memory, "\177ELF", 4) == 0 && std::memcmp(shared, "\177ELF", 4) == 0);
  CHECK(map_error(nullptr, kPage, kReadWrite, MAP_SHARED, fd) == EACCES);
  char* copy = map(kPage, kReadWrite, MAP_PRIVATE, fd);
  copy[1] = 'X';
  CHECK(memory[1] == 'E');
  passed("files that may only be read");
}

void errors() {
  int fd = temporary_file(10);
  CHECK(map_error(nullptr, kPage, PROT_READ, MAP_SHARED, -1) == EBADF);
  CHECK(map_error(nullptr, kPage, PROT_READ, MAP_SHARED, 999) == EBADF);
  CHECK(map_error(nullptr, kPage, PROT_READ, MAP_SHARED, fd, 7) == EINVAL);
  CHECK(map_error(nullptr, 0, PROT_READ, MAP_SHARED, fd) == EINVAL);
  CHECK(map_error(nullptr, 2 * kPage, PROT_READ, MAP_SHARED, fd, static_cast<off_t>(~(kPage - 1))) == EOVERFLOW);
  CHECK(map_error(nullptr, kPage, PROT_READ, 0, fd) == EINVAL);
  int directory = open("/tmp", O_RDONLY | O_DIRECTORY);
  CHECK(map_error(nullptr, kPage, PROT_READ, MAP_PRIVATE, directory) == ENODEV);
  int ends[2];
  CHECK(pipe(ends) == 0 && map_error(nullptr, kPage, PROT_READ, MAP_PRIVATE, ends[0]) == ENODEV);
  CHECK(map_error(nullptr, kPage, PROT_READ, MAP_PRIVATE, ends[1]) == EACCES);
  CHECK(map_error(nullptr, kPage, PROT_READ, MAP_SHARED, eventfd(0, 0)) == ENODEV);
  CHECK(map_error(nullptr, kPage, PROT_READ, MAP_SHARED_VALIDATE | MAP_SYNC, fd) == EOPNOTSUPP);
  CHECK(map(kPage, PROT_READ, MAP_SHARED_VALIDATE, fd)[0] == 'f');
  char* zeros = map(kPage, kReadWrite, MAP_PRIVATE, open("/dev/zero", O_RDWR));
  CHECK(zeros[5] == 0 && touch(zeros, true) == 0);
  passed("errors and devices");
}

}  // namespace

int main() {
  catch_faults();
  shared_is_the_file();
  files_with_names();
  private_is_a_copy();
  a_program_file();
  errors();
}
