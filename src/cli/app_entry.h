// The [[app]] entries of mayfly.toml.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/settings.h"
#include "supervisor/routing_table.h"

namespace mayfly::cli {

/// One of several apps in one server.
struct AppEntry {
  std::string name;
  std::string place;                   ///< for people: "mayfly.toml:3"
  std::filesystem::path folder{};      ///< of the file
  std::filesystem::path script;        ///< as of `mayfly serve`, absolute; empty: `arguments` are a command
  std::vector<std::string> arguments;  ///< the script's; or the program's name and its arguments
  std::vector<std::string> hosts;      ///< in the form of supervisor::parse_host
  std::vector<std::string> paths;      ///< in the form of supervisor::parse_path
  std::vector<Setting> settings;       ///< its own options
};

/// Whether an option belongs to the server as a whole, so that no app can have its own.
[[nodiscard]] bool is_of_server(const Option& option);

/// Letters, digits, '-', '_' and '.', up to 64. Throws BadValue.
[[nodiscard]] std::string parse_app_name(std::string_view text);

/// Who gets which request. Throws UsageError if two apps have the same name, or the same host and path.
[[nodiscard]] supervisor::RoutingTable routes_of(std::span<const AppEntry> apps);

/// The options of one app: its own, before those of the top of the file; before both, environment and flags.
/// @param given all there is besides its own, of any origin
[[nodiscard]] std::vector<Setting> settings_of(const AppEntry& app, std::span<const Setting> given);

}  // namespace mayfly::cli
