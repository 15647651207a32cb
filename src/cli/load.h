// From a command line and its surroundings to a configuration.
#pragma once

#include <string>
#include <vector>

#include "cli/app_entry.h"
#include "cli/command_line.h"
#include "cli/config.h"
#include "cli/program.h"
#include "cli/settings.h"

namespace mayfly::cli {

struct Loaded {
  std::vector<Setting> given;  ///< all that was given, of whatever origin, but for what an app has to itself
  std::vector<AppEntry> apps;  ///< of the configuration file
  Settings settings;
  Config config;                               ///< operands included
  std::vector<std::string> unknown_variables;  ///< MAYFLY_* variables that are no options
};

/// Puts flags, environment and configuration file together. The file is that of --config or MAYFLY_CONFIG, else the
/// mayfly.toml of the script's project, else that of the current folder. Throws UsageError or Error: for one, if the
/// command line names a program although the file has apps.
[[nodiscard]] Loaded load(const CommandLine& line, const Surroundings& surroundings);

}  // namespace mayfly::cli
