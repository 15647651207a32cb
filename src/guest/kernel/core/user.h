// The only way to the program's memory: every access may fail, and then says -EFAULT instead of bringing the kernel
// down.
#pragma once

#include <linux/errno.h>

#include "abi/types.h"

namespace mayfly::kernel {

/// An address in the program's memory, never dereferenced directly.
using UserAddress = u64;

/// Copies between kernel and program. @return false if any byte was not accessible (some may have been copied).
[[nodiscard]] bool copy_from_user(void* destination, UserAddress source, u64 size_bytes);
[[nodiscard]] bool copy_to_user(UserAddress destination, const void* source, u64 size_bytes);
[[nodiscard]] bool zero_user(UserAddress destination, u64 size_bytes);

template <typename T>
[[nodiscard]] bool read_user(UserAddress source, T& value) {
  return copy_from_user(&value, source, sizeof(T));
}
template <typename T>
[[nodiscard]] bool write_user(UserAddress destination, const T& value) {
  return copy_to_user(destination, &value, sizeof(T));
}

/// Reads a structure of a size that the program names and that may be older or newer than ours: what is missing is
/// zero.
/// @return 0, -EFAULT, or -E2BIG if what we do not know is not zero
[[nodiscard]] long read_extensible(UserAddress source, u64 source_bytes, void* destination, u64 size_bytes);

/// Copies a NUL-terminated string. @return its length, -EFAULT, or -ENAMETOOLONG if it has no NUL within `capacity`.
[[nodiscard]] long copy_string_from_user(char* destination, UserAddress source, u64 capacity);

/// The program's side of a read or a write: one or more buffers, used up from the front.
class UserIo {
 public:
  /// One buffer.
  UserIo(UserAddress buffer, u64 size_bytes) : single_{buffer, size_bytes}, remaining_(size_bytes) {}
  /// Buffers of a readv-like call; check `error()` before use.
  static UserIo from_iovec(UserAddress vector, u64 count);
  /// Kernel memory in place of the program's: for transfers within the kernel, such as sendfile.
  static UserIo from_kernel(void* buffer, u64 size_bytes) { return {reinterpret_cast<u64>(buffer), size_bytes}; }

  /// 0, -EFAULT or -EINVAL.
  [[nodiscard]] long error() const { return error_; }
  [[nodiscard]] u64 remaining() const { return remaining_; }
  [[nodiscard]] bool done() const { return remaining_ == 0; }

  /// Moves min(size, remaining) bytes to the program. @return bytes moved, or -EFAULT if the first was not accessible
  long copy_out(const void* source, u64 size_bytes);
  /// Moves min(size, remaining) bytes from the program. @return bytes moved, or -EFAULT
  long copy_in(void* destination, u64 size_bytes);
  /// Uses up min(size, remaining) bytes of the buffers without touching them. @return how many
  u64 skip(u64 size_bytes);

 private:
  struct Segment {
    UserAddress base;
    u64 size;
  };
  template <typename Copy>
  long transfer(u64 size_bytes, Copy copy);
  bool next_segment();

  Segment single_{};
  UserAddress vector_ = 0;
  u64 vector_left_ = 0;
  u64 remaining_ = 0;
  long error_ = 0;
};

}  // namespace mayfly::kernel
