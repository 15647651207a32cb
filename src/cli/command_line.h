// The command line, taken apart but not yet believed.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/options.h"
#include "cli/settings.h"

namespace mayfly::cli {

struct CommandLine {
  std::optional<Command> command;  ///< missing after a bare --help, --version or --print-config
  bool version = false;
  std::vector<Setting> flags;
  std::optional<std::string> app;      ///< serve's operand
  std::vector<std::string> arguments;  ///< what follows "--"
};

/// Throws UsageError.
/// @param arguments without the program's name
/// @param base folder that relative paths start from
[[nodiscard]] CommandLine parse_command_line(std::span<const std::string> arguments, const std::filesystem::path& base);

/// "serve" for Command::serve.
[[nodiscard]] std::string_view command_name(Command command);

/// Flags with their dashes that the command takes; all flags without a command.
[[nodiscard]] std::vector<std::string> flags_of(std::optional<Command> command);

}  // namespace mayfly::cli
