// Calls that only matter where there is a disk: they succeed, and check what they are given.
#include <sys/syscall.h>

#include "scratch_folder.h"

int main() {
  ScratchFolder scratch;
  put("file", "contents");
  int fd = open("file", O_RDWR);
  int reference = open("file", O_PATH);
  int pipes[2];
  CHECK(fd >= 0 && reference >= 0 && pipe(pipes) == 0);
  CHECK(fsync(fd) == 0 && fdatasync(fd) == 0 && syncfs(fd) == 0);
  sync();
  CHECK_ERROR(fsync(pipes[0]), EINVAL);
  CHECK_ERROR(fsync(1234), EBADF);
  CHECK_ERROR(syncfs(reference), EBADF);
  passed("sync");

  for (int advice = 0; advice <= 5; ++advice) CHECK(posix_fadvise(fd, 0, 0, advice) == 0);
  CHECK(posix_fadvise(fd, 0, 0, 6) == EINVAL && posix_fadvise(fd, 0, -1, 0) == EINVAL);
  CHECK(posix_fadvise(pipes[0], 0, 0, 0) == ESPIPE && posix_fadvise(1234, 0, 0, 0) == EBADF);
  CHECK(posix_fadvise(reference, 0, 0, 0) == EBADF);
  passed("advice");

  CHECK(sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE) == 0);
  CHECK_ERROR(sync_file_range(fd, 0, 0, 8), EINVAL);
  CHECK_ERROR(sync_file_range(fd, -1, 0, 0), EINVAL);
  CHECK_ERROR(sync_file_range(pipes[1], 0, 0, 0), ESPIPE);
  CHECK(readahead(fd, 0, 100) == 0);
  CHECK_ERROR(readahead(pipes[0], 0, 100), EINVAL);
  CHECK_ERROR(readahead(1234, 0, 100), EBADF);
  passed("ranges");

  CHECK(contents_of("file") == "contents");
  for (int each : {fd, reference, pipes[0], pipes[1]}) CHECK(close(each) == 0);
}
