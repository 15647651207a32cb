// Finds what runs a script.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mayfly::cli {

/// A script of Mayfly's that a runtime executes before the program; it exists in the program's view only.
struct Preload {
  std::string path;           ///< absolute
  std::string_view contents;  ///< static
};

/// An executable that runs scripts, and how it is told to.
struct Runtime {
  std::string name;                      ///< for people: "deno", "node", "bun", or the file's name
  std::filesystem::path executable;      ///< an ELF file, symbolic links resolved
  std::vector<std::string> flags;        ///< between the executable and the script
  std::vector<std::string> environment;  ///< NAME=VALUE, unless the user says otherwise
  std::optional<Preload> preload;        ///< which the flags name
};

/// Finds the runtime for a script. Throws Error that says where it was looked for and how to get it.
/// @param wanted "deno", "node", "bun", or the path of an executable
/// @param app_folder absolute; its node_modules and those of its parents come before `search_path`
/// @param search_path folders separated by colons, as in PATH
[[nodiscard]] Runtime find_runtime(std::string_view wanted, const std::filesystem::path& app_folder,
                                   std::string_view search_path);

/// Looks a program up in folders separated by colons, as execvp(3) does.
[[nodiscard]] std::optional<std::filesystem::path> search_program(std::string_view name, std::string_view search_path);

}  // namespace mayfly::cli
