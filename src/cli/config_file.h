// Options from mayfly.toml.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include "cli/app_entry.h"
#include "cli/settings.h"

namespace mayfly::cli {

struct ConfigFile {
  std::vector<Setting> settings;  ///< of its top
  std::vector<AppEntry> apps;     ///< in their order
};

/// Reads a TOML file; relative paths in it start from the file's folder. Throws UsageError with the line of what it
/// cannot accept, or Error if the file cannot be read.
[[nodiscard]] ConfigFile read_config_file(const std::filesystem::path& file);

/// @return the first `mayfly.toml` in the folders, in their order
[[nodiscard]] std::optional<std::filesystem::path> find_config_file(std::span<const std::filesystem::path> folders);

}  // namespace mayfly::cli
