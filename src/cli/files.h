// Looking at the host's files.
#pragma once

#include <filesystem>
#include <system_error>

namespace mayfly::cli {

/// Whether the path leads to a regular file; false also where it cannot be looked at.
[[nodiscard]] inline bool is_file(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

}  // namespace mayfly::cli
