// Scripts that name their interpreter in their first line.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mayfly::cli {

/// A program with its arguments, and the scripts that led to it.
struct Command {
  std::filesystem::path executable;  ///< an x86-64 ELF file, symbolic links resolved
  std::vector<std::string> argv;
  std::vector<std::filesystem::path> scripts;  ///< which the program must be able to read
};

/// Finds the program that runs a command, as execve(2) does: for a script, its interpreter with the script as an
/// argument. `env NAME` as interpreter is looked up here, since nothing can be executed in a machine.
/// Throws Error that says what the file is instead and what to do, as check_executable.
/// @param file absolute
/// @param script_name what the script is to be known by
/// @param search_path for `env`: folders separated by colons
[[nodiscard]] Command find_interpreter(const std::filesystem::path& file, const std::vector<std::string>& argv,
                                       const std::string& script_name, std::string_view search_path);

/// The interpreter that the first line of a file names, without its folder: "node" for `#!/usr/bin/env node`.
/// @return nothing if the file does not begin with such a line
[[nodiscard]] std::optional<std::string> interpreter_name(const std::filesystem::path& file);

}  // namespace mayfly::cli
