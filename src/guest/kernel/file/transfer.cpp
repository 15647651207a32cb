#include "guest/kernel/file/transfer.h"

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/file_mode.h"

namespace mayfly::kernel {
namespace {

long copy(Thread& thread, TransferSide& from, TransferSide& to, u64 size_bytes, u8* bounce) {
  u64 total = 0;
  while (total < size_bytes) {
    u64 step = size_bytes - total < Bounce::kBytes ? size_bytes - total : Bounce::kBytes;
    UserIo io = UserIo::from_kernel(bounce, step);
    long got = from.file.pread(thread, io, from.offset);
    if (got <= 0) return total > 0 ? static_cast<long>(total) : got;
    long written = put(thread, to, bounce, static_cast<u64>(got));
    if (written <= 0) return total > 0 ? static_cast<long>(total) : written;
    from.offset += static_cast<u64>(written);
    total += static_cast<u64>(written);
    if (written < got) break;
  }
  return static_cast<long>(total);
}

}  // namespace

long TransferSide::read_offset(UserAddress address) {
  if (address == 0) return 0;
  if (!read_user(address, offset)) return -EFAULT;
  return static_cast<i64>(offset) < 0 ? -EINVAL : 0;
}

bool TransferSide::write_offset(UserAddress address) const {
  return address == 0 || write_user(address, offset);
}

long put(Thread& thread, TransferSide& to, void* bytes, u64 size_bytes) {
  UserIo io = UserIo::from_kernel(bytes, size_bytes);
  long written = to.positioned() ? to.file.pwrite(thread, io, to.offset) : to.file.write(thread, io);
  if (written > 0 && to.positioned()) to.offset += static_cast<u64>(written);
  return written;
}

long copy_positioned(Thread& thread, TransferSide& from, TransferSide& to, u64 size_bytes) {
  bool move_position = !from.positioned();
  if (move_position) {
    long position = from.file.seek(thread, 0, kSeekCurrent);
    if (position < 0) return position;
    from.offset = static_cast<u64>(position);
  }
  Bounce bounce(thread.kernel.heap);
  if (!bounce) return -ENOMEM;
  long result = copy(thread, from, to, size_bytes, bounce.bytes());
  if (move_position && result > 0) from.file.seek(thread, static_cast<i64>(from.offset), kSeekStart);
  return result;
}

}  // namespace mayfly::kernel
