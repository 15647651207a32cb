// What sendfile, copy_file_range and splice share: copies between descriptors without the program's memory.
#pragma once

#include "guest/kernel/core/heap.h"
#include "guest/kernel/file/file.h"

namespace mayfly::kernel {

/// One side of a copy: a file at an offset of its own, or at the description's position.
struct TransferSide {
  static constexpr u64 kCurrentPosition = ~u64{0};

  File& file;
  u64 offset = kCurrentPosition;
  [[nodiscard]] bool positioned() const { return offset != kCurrentPosition; }
  /// Takes the offset that the program passes by address, null for none. @return 0, -EFAULT or -EINVAL
  long read_offset(UserAddress address);
  [[nodiscard]] bool write_offset(UserAddress address) const;
};

/// Memory for the bytes on their way; false without memory.
class Bounce {
 public:
  static constexpr u64 kBytes = 64 * 1024;

  explicit Bounce(Heap& heap) : heap_(heap), bytes_(static_cast<u8*>(heap.allocate(kBytes))) {}
  ~Bounce() {
    if (bytes_ != nullptr) heap_.release(bytes_, kBytes);
  }
  Bounce(const Bounce&) = delete;
  Bounce& operator=(const Bounce&) = delete;
  explicit operator bool() const { return bytes_ != nullptr; }
  [[nodiscard]] u8* bytes() const { return bytes_; }

 private:
  Heap& heap_;
  u8* bytes_;
};

/// Writes kernel memory. @return as write(2)
long put(Thread& thread, TransferSide& to, void* bytes, u64 size_bytes);

/// Copies from a file that can be read at an offset: what could not be written is not consumed.
/// @return bytes, 0 at the end of the file, -ESPIPE if `from` has no position, or -errno
long copy_positioned(Thread& thread, TransferSide& from, TransferSide& to, u64 size_bytes);

/// What one call moves at most, as read(2).
[[nodiscard]] constexpr u64 bounded_transfer(u64 size_bytes) {
  constexpr u64 kMost = 0x7fff'f000;
  return size_bytes < kMost ? size_bytes : kMost;
}

}  // namespace mayfly::kernel
