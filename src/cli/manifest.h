// What a project's package.json says about how its program is run.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mayfly::cli {

/// The fields that Mayfly reads; those that are missing or of another type than usual are empty.
struct Manifest {
  std::string main;
  std::string start;                 ///< scripts.start
  std::string package_manager;       ///< as in "bun@1.4.5"
  std::string dev_runtime;           ///< devEngines.runtime.name
  std::vector<std::string> engines;  ///< names only
};

/// Reads package.json. Throws Error if it is not JSON.
/// @param folder of the project
/// @return nothing if there is none
[[nodiscard]] std::optional<Manifest> read_manifest(const std::filesystem::path& folder);

inline constexpr std::array<std::string_view, 8> kScriptExtensions = {".js",  ".mjs", ".cjs", ".ts",
                                                                      ".mts", ".cts", ".jsx", ".tsx"};

/// The script that a path of a manifest means: the file, the file with an extension, or the index of the folder.
[[nodiscard]] std::optional<std::filesystem::path> resolve_script(const std::filesystem::path& path);

/// A command that starts a script and nothing else.
struct StartCommand {
  std::string runtime;  ///< "deno", "node" or "bun"
  std::string script;
  std::vector<std::string> arguments;    ///< the script's
  std::vector<std::string> environment;  ///< NAME=VALUE
};

/// Reads a command as in scripts.start: `node FILE`, `bun FILE`, `bun run FILE`, `deno run FILE` or `deno serve FILE`,
/// with variables before and arguments behind. Permissions of Deno are dropped, since programs have them all.
/// @return nothing for any other command: flags, pipes, several commands
[[nodiscard]] std::optional<StartCommand> parse_start_command(std::string_view text);

}  // namespace mayfly::cli
