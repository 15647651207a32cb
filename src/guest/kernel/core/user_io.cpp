#include "guest/kernel/core/user.h"

namespace mayfly::kernel {
namespace {
constexpr u64 kMaxSegments = 1024;         // IOV_MAX
constexpr u64 kMaxTransfer = 0x7fff'f000;  // what Linux moves in one call at most
u64 minimum(u64 a, u64 b) {
  return a < b ? a : b;
}
}  // namespace

UserIo UserIo::from_iovec(UserAddress vector, u64 count) {
  UserIo io(0, 0);
  if (count > kMaxSegments) {
    io.error_ = -EINVAL;
    return io;
  }
  for (u64 i = 0; i < count; ++i) {
    Segment segment{};
    if (!read_user(vector + i * sizeof(Segment), segment)) io.error_ = -EFAULT;
    if (static_cast<i64>(segment.size) < 0) io.error_ = -EINVAL;
    if (io.error_ != 0) return io;
    io.remaining_ = minimum(io.remaining_ + segment.size, kMaxTransfer);
  }
  io.vector_ = vector;
  io.vector_left_ = count;
  return io;
}

bool UserIo::next_segment() {
  while (single_.size == 0 && vector_left_ > 0) {
    if (!read_user(vector_, single_)) return false;
    vector_ += sizeof(Segment);
    --vector_left_;
  }
  return single_.size > 0;
}

template <typename Copy>
long UserIo::transfer(u64 size_bytes, Copy copy) {
  u64 wanted = minimum(size_bytes, remaining_);
  u64 moved = 0;
  while (moved < wanted && next_segment()) {
    u64 step = minimum(single_.size, wanted - moved);
    if (!copy(single_.base, moved, step)) break;
    single_.base += step;
    single_.size -= step;
    moved += step;
  }
  remaining_ -= moved;
  return moved == 0 && wanted > 0 ? -EFAULT : static_cast<long>(moved);
}

long UserIo::copy_out(const void* source, u64 size_bytes) {
  auto* bytes = static_cast<const u8*>(source);
  return transfer(size_bytes, [&](u64 user, u64 at, u64 step) { return copy_to_user(user, bytes + at, step); });
}

long UserIo::copy_in(void* destination, u64 size_bytes) {
  auto* bytes = static_cast<u8*>(destination);
  return transfer(size_bytes, [&](u64 user, u64 at, u64 step) { return copy_from_user(bytes + at, user, step); });
}

long read_extensible(UserAddress source, u64 source_bytes, void* destination, u64 size_bytes) {
  if (!copy_from_user(destination, source, minimum(source_bytes, size_bytes))) return -EFAULT;
  for (u64 at = size_bytes; at < source_bytes; ++at) {
    u8 byte = 0;
    if (!read_user(source + at, byte)) return -EFAULT;
    if (byte != 0) return -E2BIG;
  }
  return 0;
}

u64 UserIo::skip(u64 size_bytes) {
  long skipped = transfer(size_bytes, [](u64, u64, u64) { return true; });
  return skipped < 0 ? 0 : static_cast<u64>(skipped);
}

long copy_string_from_user(char* destination, UserAddress source, u64 capacity) {
  u64 length = 0;
  while (length < capacity) {
    // Up to the next page boundary at a time: the string may end just before an inaccessible page.
    u64 step = minimum(abi::kPageSize - ((source + length) & abi::kPageMask), capacity - length);
    step = minimum(step, 64);
    if (!copy_from_user(destination + length, source + length, step)) return -EFAULT;
    for (u64 i = 0; i < step; ++i, ++length) {
      if (destination[length] == '\0') return static_cast<long>(length);
    }
  }
  return -ENAMETOOLONG;
}

}  // namespace mayfly::kernel
