#include "guest/kernel/file/file.h"

#include <cstring>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/signal_owner.h"

namespace mayfly::kernel {

File::~File() {
  while (FileWatch* watch = watches.pop_front()) watch->file_gone();
  if (signal_owner_ != nullptr) kernel_.heap.destroy(signal_owner_);
  kernel_.file_locks.description_gone(*this);
}

void File::descriptor_closed() {
  kernel_.file_locks.descriptor_closed(*this);
}

SignalOwner* File::signal_owner(bool create) {
  if (signal_owner_ == nullptr && create) signal_owner_ = kernel_.heap.make<SignalOwner>(kernel_.process);
  return signal_owner_;
}

long File::set_async(bool on, int fd) {
  SignalOwner* owner = signal_owner(on);
  if (owner == nullptr) return on ? -ENOMEM : 0;
  owner->unlink();
  if (on) {
    owner->set_descriptor(fd);
    waiters.add(*owner);
  }
  flags_ = on ? flags_ | FASYNC : flags_ & ~u32{FASYNC};
  return 0;
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
  return 0;  // as anon_inode files: it is allowed and means nothing
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
