// Options from environment variables.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "cli/settings.h"

namespace mayfly::cli {

struct EnvironmentSettings {
  std::vector<Setting> settings;
  /// Variables that look like options but are none.
  std::vector<std::string> unknown;
};

/// Reads the MAYFLY_* variables. Values of repeatable options are separated by commas. Throws UsageError for a name
/// that is nearly an option's; any other unknown one may be none of ours (Kubernetes sets NAME_SERVICE_HOST and the
/// like for a service of that name) and is only reported.
/// @param variables NAME=VALUE each, as in environ(7)
/// @param base folder that relative paths start from
[[nodiscard]] EnvironmentSettings read_environment(std::span<const std::string> variables,
                                                   const std::filesystem::path& base);

}  // namespace mayfly::cli
