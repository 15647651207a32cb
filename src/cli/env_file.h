// Files of environment variables.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "cli/config.h"

namespace mayfly::cli {

/// Reads lines of NAME=VALUE. Blank lines and lines that begin with '#' are skipped, a leading "export " too; quotes
/// around a whole value are taken off, and nothing else in it has a special meaning. Throws Error with the line's
/// number.
[[nodiscard]] std::vector<Variable> read_env_file(const std::filesystem::path& file);

/// The same of a text.
/// @param name for error messages
[[nodiscard]] std::vector<Variable> parse_env_file(std::string_view text, std::string_view name);

}  // namespace mayfly::cli
