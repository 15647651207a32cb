// Copies from files: sendfile and copy_file_range.
#include <linux/fs.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/file_mode.h"
#include "guest/kernel/file/transfer.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

long check_regular(File& file) {
  struct stat status {};
  if (file.stat(status) != 0) return -EINVAL;
  u32 type = status.st_mode & kModeType;
  return type == kModeRegular ? 0 : type == kModeDirectory ? -EISDIR : -EINVAL;
}

/// copy_file_range(2): within one file the ranges may not overlap.
long check_overlap(Thread& thread, const TransferSide& from, const TransferSide& to, u64 size_bytes) {
  if (from.file.lock_target() != to.file.lock_target()) return 0;
  long from_position = from.file.seek(thread, 0, kSeekCurrent);
  long to_position = to.file.seek(thread, 0, kSeekCurrent);
  u64 first = from.positioned() ? from.offset : static_cast<u64>(from_position);
  u64 second = to.positioned() ? to.offset : static_cast<u64>(to_position);
  u64 distance = first < second ? second - first : first - second;
  return distance < size_bytes ? -EINVAL : 0;
}

}  // namespace

MAYFLY_SYSCALL(sendfile) {
  FdTable& files = thread.process.files;
  Ref<File> out = files.get(args.fd(0));
  Ref<File> in = files.get(args.fd(1));
  u64 offset = TransferSide::kCurrentPosition;
  if (args[2] != 0) {
    if (!read_user(args[2], offset)) return -EFAULT;
    if (static_cast<i64>(offset) < 0) return -EINVAL;
  }
  if (!out || !in || !out->writable() || !in->readable()) return -EBADF;
  TransferSide from{*in, offset};
  TransferSide to{*out};
  bool seekable = in->seek(thread, 0, kSeekCurrent) >= 0;
  if (!seekable) return from.positioned() ? -ESPIPE : -EINVAL;
  if ((out->flags() & O_APPEND) != 0) return -EINVAL;
  if (args[3] == 0) return 0;
  long result = copy_positioned(thread, from, to, bounded_transfer(args[3]));
  return from.write_offset(args[2]) ? result : -EFAULT;
}

MAYFLY_SYSCALL(copy_file_range) {
  if (args[5] != 0) return -EINVAL;
  FdTable& files = thread.process.files;
  Ref<File> in = files.get(args.fd(0));
  Ref<File> out = files.get(args.fd(2));
  if (!in || !out) return -EBADF;
  TransferSide from{*in};
  TransferSide to{*out};
  if (long error = from.read_offset(args[1]); error != 0) return error;
  if (long error = to.read_offset(args[3]); error != 0) return error;
  if (long error = check_regular(*in); error != 0) return error;
  if (long error = check_regular(*out); error != 0) return error;
  if (!out->writable() || !in->readable() || (out->flags() & O_APPEND) != 0) return -EBADF;
  u64 size_bytes = bounded_transfer(args[4]);
  if (long error = check_overlap(thread, from, to, size_bytes); error != 0) return error;
  long result = copy_positioned(thread, from, to, size_bytes);
  return from.write_offset(args[1]) && to.write_offset(args[3]) ? result : -EFAULT;
}

}  // namespace mayfly::kernel
