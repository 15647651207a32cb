// fcntl's locks of ranges, and flock.
#include "guest/kernel/file/lock_calls.h"

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/file_mode.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

struct RangeLock {  // struct flock of the x86-64 ABI
  short type;
  short whence;
  i64 start;
  i64 length;
  i32 process;
};

/// What `start` counts from. @return 0 or -errno
long find_base(Thread& thread, File& file, short whence, i64& base) {
  switch (whence) {
    case kSeekStart:
      base = 0;
      return 0;
    case kSeekCurrent:
      base = file.seek(thread, 0, kSeekCurrent);
      return base < 0 ? -EINVAL : 0;
    case kSeekEnd: {
      struct stat status {};
      if (long error = file.stat(status); error != 0) return error;
      base = static_cast<i64>(status.st_size);
      return 0;
    }
    default:
      return -EINVAL;
  }
}

/// fcntl(2): a negative length is the bytes before the start, none is all the bytes behind it.
long to_range(Thread& thread, File& file, const RangeLock& lock, LockRange& range) {
  i64 base = 0;
  if (long error = find_base(thread, file, lock.whence, base); error != 0) return error;
  if (__builtin_add_overflow(base, lock.start, &range.first)) return -EOVERFLOW;
  if (range.first < 0) return -EINVAL;
  range.last = LockRange::kEnd;
  if (lock.length > 0 && __builtin_add_overflow(range.first, lock.length - 1, &range.last)) return -EOVERFLOW;
  if (lock.length < 0) {
    range.last = range.first - 1;
    range.first += lock.length;
    if (range.first < 0) return -EINVAL;
  }
  return 0;
}

long to_kind(short type, LockKind& kind) {
  switch (type) {
    case F_RDLCK:
      kind = LockKind::shared;
      return 0;
    case F_WRLCK:
      kind = LockKind::exclusive;
      return 0;
    case F_UNLCK:
      kind = LockKind::none;
      return 0;
    default:
      return -EINVAL;
  }
}

void describe(const Process& process, const FileLock& found, RangeLock& lock) {
  lock.type = found.kind == LockKind::exclusive ? F_WRLCK : F_RDLCK;
  lock.whence = kSeekStart;
  lock.start = found.range.first;
  lock.length = found.range.last == LockRange::kEnd ? 0 : found.range.last - found.range.first + 1;
  lock.process = found.owner == nullptr ? static_cast<i32>(process.id) : -1;
}

}  // namespace

long lock_range(Thread& thread, File& file, u32 command, UserAddress address) {
  RangeLock lock{};
  if (!read_user(address, lock)) return -EFAULT;
  LockRange range;
  LockKind kind = LockKind::none;
  if (long error = to_range(thread, file, lock, range); error != 0) return error;
  if (long error = to_kind(lock.type, kind); error != 0) return error;
  bool of_description = command == F_OFD_GETLK || command == F_OFD_SETLK || command == F_OFD_SETLKW;
  if (of_description && lock.process != 0) return -EINVAL;
  LockOwner owner = of_description ? &file : nullptr;
  FileLocks& locks = thread.kernel.file_locks;
  if (command == F_GETLK || command == F_OFD_GETLK) {
    if (kind == LockKind::none) return -EINVAL;
    const FileLock* found = locks.find_conflict(file, owner, kind, range);
    lock.type = F_UNLCK;
    if (found != nullptr) describe(thread.process, *found, lock);
    return write_user(address, lock) ? 0 : -EFAULT;
  }
  if ((kind == LockKind::shared && !file.readable()) || (kind == LockKind::exclusive && !file.writable())) {
    return -EBADF;
  }
  return locks.set(thread, file, owner, kind, range, command == F_SETLKW || command == F_OFD_SETLKW);
}

MAYFLY_SYSCALL(flock) {
  constexpr u64 kWithoutWaiting = LOCK_NB;
  LockKind kind = LockKind::none;
  switch (args[1] & ~kWithoutWaiting) {
    case LOCK_SH:
      kind = LockKind::shared;
      break;
    case LOCK_EX:
      kind = LockKind::exclusive;
      break;
    case LOCK_UN:
      break;
    default:
      return -EINVAL;
  }
  Ref<File> file = thread.process.files.get(args.fd());
  if (!file || (file->flags() & O_PATH) != 0) return -EBADF;
  return thread.kernel.file_locks.set_whole(thread, *file, kind, (args[1] & kWithoutWaiting) == 0);
}

}  // namespace mayfly::kernel
