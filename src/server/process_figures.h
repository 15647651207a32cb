// What the host says of this process.
#pragma once

#include <cstdint>

namespace mayfly::server {

struct ProcessFigures {
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_fds = 0;
  double cpu_seconds = 0;
};

/// 0 for what cannot be had.
[[nodiscard]] ProcessFigures process_figures();

}  // namespace mayfly::server
