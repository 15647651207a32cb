// Sizes and positions of files, and calls that only matter where there is a disk.
#include "guest/kernel/file/overlay_file.h"
#include "guest/kernel/file/path_argument.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

long check_open(Thread& thread, int fd) {
  Ref<File> file = thread.process.files.get(fd);
  return file && (file->flags() & O_PATH) == 0 ? 0 : -EBADF;
}

/// For calls about parts of files: pipes and sockets have none. @param other what they get
long check_seekable(Thread& thread, int fd, long other) {
  if (long error = check_open(thread, fd); error != 0) return error;
  Ref<File> file = thread.process.files.get(fd);
  return InodeFile::from(file.get()) == nullptr ? other : 0;
}

long sync_file(Thread& thread, int fd) {
  Ref<File> file = thread.process.files.get(fd);
  return file ? file->sync() : -EBADF;
}

}  // namespace

MAYFLY_SYSCALL(lseek) {
  Ref<File> file = thread.process.files.get(args.fd());
  if (!file) return -EBADF;
  return file->seek(thread, static_cast<i64>(args[1]), static_cast<int>(args[2]));
}

MAYFLY_SYSCALL(truncate) {
  if (static_cast<i64>(args[1]) < 0) return -EINVAL;
  Lookup lookup;
  if (long error = look_up_at(thread, AT_FDCWD, args[0], 0, true, lookup); error != 0) return error;
  if (!lookup.inode) return -EINVAL;
  if (lookup.inode->type == Inode::Type::directory) return -EISDIR;
  Ref<Inode> inode;
  if (long error = lookup.inode->make_writable(args[1] != 0, inode); error != 0) return error;
  return inode->truncate(args[1]);
}

MAYFLY_SYSCALL(ftruncate) {
  Ref<File> file = thread.process.files.get(args.fd());
  if (!file) return -EBADF;
  if ((file->flags() & O_PATH) != 0) return -EBADF;
  if (static_cast<i64>(args[1]) < 0 || !file->writable()) return -EINVAL;
  return file->truncate(args[1]);
}

MAYFLY_SYSCALL(fallocate) {
  Ref<File> file = thread.process.files.get(args.fd());
  if (!file || !file->writable()) return -EBADF;
  u64 offset = args[2];
  u64 size = args[3];
  if (static_cast<i64>(offset) < 0 || static_cast<i64>(size) <= 0) return -EINVAL;
  if (static_cast<i64>(offset + size) < 0) return -EFBIG;
  return file->allocate(args[1], offset, size);
}

MAYFLY_SYSCALL(fsync) {
  return sync_file(thread, args.fd());
}
MAYFLY_SYSCALL(fdatasync) {
  return sync_file(thread, args.fd());
}
MAYFLY_SYSCALL(sync) {
  return 0;
}
MAYFLY_SYSCALL(syncfs) {
  return check_open(thread, args.fd());
}
MAYFLY_SYSCALL(sync_file_range) {
  constexpr u64 kFlags = 7;  // SYNC_FILE_RANGE_*
  if ((args[3] & ~kFlags) != 0) return -EINVAL;
  if (static_cast<i64>(args[1]) < 0 || static_cast<i64>(args[1] + args[2]) < static_cast<i64>(args[1])) return -EINVAL;
  return check_seekable(thread, args.fd(), -ESPIPE);
}

MAYFLY_SYSCALL(fadvise64) {
  constexpr u64 kLastAdvice = 5;  // POSIX_FADV_NOREUSE
  if (long error = check_seekable(thread, args.fd(), -ESPIPE); error != 0) return error;
  return static_cast<i64>(args[2]) < 0 || args[3] > kLastAdvice ? -EINVAL : 0;
}

MAYFLY_SYSCALL(readahead) {
  if (long error = check_seekable(thread, args.fd(), -EINVAL); error != 0) return error;
  return thread.process.files.get(args.fd())->readable() ? 0 : -EBADF;
}

}  // namespace mayfly::kernel
