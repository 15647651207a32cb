// Random bytes for machines, fetched from the kernel in bulk: a seed for each reset must not cost a system call.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "abi/types.h"

namespace mayfly::machine {

/// Every byte is handed out once and wiped. Not thread-safe; one per thread.
class Entropy {
 public:
  void fill(std::span<std::byte> destination);
  /// System calls made so far.
  [[nodiscard]] u64 syscalls() const { return syscalls_; }

 private:
  std::array<std::byte, 4096> buffer_{};
  std::size_t left_ = 0;
  u64 syscalls_ = 0;
};

}  // namespace mayfly::machine
