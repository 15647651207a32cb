// Finds out which runtime a script is written for.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace mayfly::cli {

struct RuntimeChoice {
  std::string name;    ///< "deno", "node" or "bun"
  std::string reason;  ///< for people: what says so
};

/// The runtime that a script's first line (`#!`) names.
[[nodiscard]] std::optional<std::string> runtime_in_first_line(const std::filesystem::path& script);

/// The first that says something, of: the script's first line (`#!`); scripts.start of package.json, if that runs it;
/// deno.json, deno.jsonc, deno.lock; devEngines and engines of package.json; its packageManager, bun.lock, bun.lockb,
/// bunfig.toml; a call of Deno.serve or Bun.serve in the script. Else Node if there is a package.json and the script is
/// JavaScript, else Deno. Throws Error if package.json cannot be read.
/// @param script absolute
/// @param project its folder
[[nodiscard]] RuntimeChoice choose_runtime(const std::filesystem::path& script, const std::filesystem::path& project);

}  // namespace mayfly::cli
