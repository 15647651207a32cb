// Sole owner of an mmap'ed region.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <span>
#include <utility>

namespace mayfly {

/// Unmaps its region when it goes away. Movable, not copyable; the bytes may be used by several threads.
class Mapping {
 public:
  Mapping() = default;
  /// Maps `size_bytes` as mmap(2) does. Throws SystemError.
  Mapping(std::size_t size_bytes, int protection, int flags, int fd = -1, off_t offset = 0);
  Mapping(Mapping&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Mapping& operator=(Mapping&& other) noexcept;
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() { reset(); }

  [[nodiscard]] std::byte* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::span<std::byte> bytes() const noexcept { return {data_, size_}; }
  [[nodiscard]] explicit operator bool() const noexcept { return data_ != nullptr; }
  void reset() noexcept;

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace mayfly
