// From a command line and its surroundings to a configuration.
#pragma once

#include <string>
#include <vector>

#include "cli/command_line.h"
#include "cli/config.h"
#include "cli/program.h"
#include "cli/settings.h"

namespace mayfly::cli {

struct Loaded {
  Settings settings;
  Config config;                               ///< operands included
  std::vector<std::string> unknown_variables;  ///< MAYFLY_* variables that are no options
};

/// Puts flags, environment and configuration file together. The file is that of --config or MAYFLY_CONFIG, else the
/// mayfly.toml of the script's project, else that of the current folder. Throws UsageError or Error.
[[nodiscard]] Loaded load(const CommandLine& line, const Surroundings& surroundings);

}  // namespace mayfly::cli
