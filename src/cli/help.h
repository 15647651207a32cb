// Help on the terminal and docs/options.md, both from the table of options.
#pragma once

#include <optional>
#include <string>

#include "cli/options.h"

namespace mayfly::cli {

/// Text for --help.
/// @param command missing for the overview
[[nodiscard]] std::string help_text(std::optional<Command> command);

/// The whole of docs/options.md.
[[nodiscard]] std::string options_document();

/// "mayfly 0.1.0"
[[nodiscard]] std::string version_text();

}  // namespace mayfly::cli
