// Which script `mayfly serve` is to run.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mayfly::cli {

/// A script, with what its project adds to the command line.
struct Entry {
  std::filesystem::path script;          ///< absolute, symbolic links resolved, readable
  std::vector<std::string> arguments;    ///< from scripts.start
  std::vector<std::string> environment;  ///< NAME=VALUE, from scripts.start
};

/// Finds the script that an operand means. A file is that script. In a folder it is the first of: what scripts.start of
/// package.json runs; what a framework has built; main of package.json; server, main, index or app in the folder.
/// Throws Error that says what was looked for.
/// @param app absolute
/// @param name of `app`, for errors
[[nodiscard]] Entry find_entry(const std::filesystem::path& app, const std::string& name);

}  // namespace mayfly::cli
