// What is to run in the machine.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/config.h"
#include "cli/runtime.h"

namespace mayfly::cli {

/// A program ready to be started; paths are absolute and those of the host, which the program sees at the same places.
struct Program {
  std::filesystem::path executable;  ///< an x86-64 ELF file
  std::vector<std::string> argv;
  std::vector<std::string> env;  ///< NAME=VALUE, names unique
  std::filesystem::path cwd;
  std::filesystem::path project;                ///< folder that the program may read
  std::vector<std::filesystem::path> readable;  ///< further files and folders that it may read
  std::optional<Preload> preload;               ///< a file that it may read as well
  std::string runtime;                          ///< "deno"; empty for a program of its own
  std::string runtime_reason;                   ///< for people: what chose the runtime
  std::string title;                            ///< for people: the script's or program's name
};

/// What of Mayfly's own surroundings bears on the program.
struct Surroundings {
  std::filesystem::path cwd;
  std::vector<std::string> environment;  ///< NAME=VALUE, as in environ(7)

  /// Those of this process.
  static Surroundings current();
  /// Value of a variable.
  [[nodiscard]] std::optional<std::string> variable(std::string_view name) const;
};

/// The script `config.app`, or that of the folder, under its runtime. Throws Error.
[[nodiscard]] Program script_program(const Config& config, const Surroundings& surroundings);

/// The command `config.arguments`, looked up in PATH if it has no slash. Throws Error.
[[nodiscard]] Program command_program(const Config& config, const Surroundings& surroundings);

/// Folder of the project that a script or folder belongs to: the nearest one upwards with a package.json, deno.json,
/// deno.jsonc or mayfly.toml, else the script's own, or the folder itself.
/// @param app absolute @param config_marks a mayfly.toml is such a mark
[[nodiscard]] std::filesystem::path project_folder(const std::filesystem::path& app, bool config_marks = true);

/// As a shell would read it, for the log.
[[nodiscard]] std::string command_text(const Program& program);

}  // namespace mayfly::cli
