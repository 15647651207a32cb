#include "guest/kernel/file/file.h"

#include <cstring>

#include "abi/types.h"

namespace mayfly::kernel {

File::~File() {
  while (FileWatch* watch = watches.pop_front()) watch->file_gone();
}

long File::read(Thread&, UserIo&) {
  return -EINVAL;
}
long File::write(Thread&, UserIo&) {
  return -EINVAL;
}
long File::pread(Thread&, UserIo&, u64) {
  return -ESPIPE;
}
long File::pwrite(Thread&, UserIo&, u64) {
  return -ESPIPE;
}
long File::seek(Thread&, i64, int) {
  return -ESPIPE;
}
long File::ioctl(Thread&, u32, u64) {
  return -ENOTTY;
}
long File::truncate(u64) {
  return -EINVAL;
}
long File::sync() {
  return -EINVAL;
}
long File::allocate(u64, u64, u64) {
  return pollable() ? -ESPIPE : -ENODEV;
}
long File::list(Thread&, UserIo&) {
  return -ENOTDIR;
}
long File::map(u64, u64, u32, u64) {
  return -ENODEV;
}

long File::stat(struct stat& result) {
  // As anon_inode files: no type bits.
  stat_anonymous(result, 0600);
  return 0;
}

void File::stat_anonymous(struct stat& result, u32 mode) const {
  std::memset(&result, 0, sizeof result);
  result.st_mode = mode;
  result.st_nlink = 1;
  result.st_ino = reinterpret_cast<u64>(this) >> 4;  // unique among the living, as an inode number has to be
  result.st_blksize = abi::kPageSize;
}

}  // namespace mayfly::kernel
