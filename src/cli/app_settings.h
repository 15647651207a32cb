// What the supervisor tells an app's process.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cli/app_entry.h"

namespace mayfly::cli {

/// All of it goes through text, so that a process that is started later has the same, whatever has become of the file.
struct AppSettings {
  AppEntry entry;                 ///< settings are all that count, not only its own
  std::size_t number = 0;         ///< see supervisor::RoutingTable::App
  std::filesystem::path folder;   ///< where a command starts and is looked for
  std::vector<AppEntry> routing;  ///< names, hosts and paths of all apps, of which nothing else is told
};

/// Binary.
[[nodiscard]] std::string to_text(const AppSettings& settings);

/// Throws Error if it is no such text.
[[nodiscard]] AppSettings parse_app_settings(std::string_view text);

}  // namespace mayfly::cli
