// The effective configuration as TOML.
#pragma once

#include <optional>
#include <string>

#include "cli/settings.h"

namespace mayfly::cli {

/// A mayfly.toml that leads to the same configuration wherever it lies, with a comment on each line that says where the
/// value came from. Options without a value are comments.
/// @param command only its options; all options without one
[[nodiscard]] std::string print_config(const Settings& settings, std::optional<Command> command);

}  // namespace mayfly::cli
