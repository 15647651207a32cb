#include "cli/app_entry.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "cli/value.h"

namespace mayfly::cli {
namespace {

/// Of these an app's process is not told.
constexpr std::array<std::string_view, 7> kOfSupervisor = {"listen", "tls-cert", "tls-key", "pid-file",
                                                           "admin",  "config",   "command"};
/// Those it is told, as it reads connections from their beginning, and ends when all do.
constexpr std::array<std::string_view, 3> kOfAll = {"proxy-protocol", "drain-timeout", "tcp"};

bool is_one_of(std::span<const std::string_view> names, const Option& option) {
  return std::ranges::find(names, option.name) != names.end();
}

}  // namespace

bool is_of_server(const Option& option) {
  return option.name != "admin" && (is_one_of(kOfSupervisor, option) || is_one_of(kOfAll, option));
}

std::string parse_app_name(std::string_view text) {
  constexpr std::size_t kMaxBytes = 64;
  constexpr std::string_view kCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  if (text.empty() || text.size() > kMaxBytes || text.find_first_not_of(kCharacters) != std::string_view::npos) {
    throw BadValue("is no name: up to 64 letters, digits, '-', '_' and '.' are wanted");
  }
  return std::string(text);
}

supervisor::RoutingTable routes_of(std::span<const AppEntry> apps) {
  supervisor::RoutingTable table;
  for (std::size_t number = 0; number < apps.size(); ++number) {
    const AppEntry& app = apps[number];
    for (const AppEntry& other : apps.first(number)) {
      if (other.name != app.name) continue;
      throw UsageError("{}: there is another app named '{}' ({}); give each its own name", app.place, app.name,
                       other.place);
    }
    for (const std::string& host : app.hosts) {
      for (const std::string& path : app.paths) {
        const auto other = table.add({host, path}, number);
        if (!other) continue;
        throw UsageError(
            "{}: app '{}' takes {} at {}, and so does app '{}' ({}); give one of them other hosts or paths", app.place,
            app.name, path, host == "*" ? "any host" : host, apps[*other].name, apps[*other].place);
      }
    }
  }
  return table;
}

std::vector<Setting> settings_of(const AppEntry& app, std::span<const Setting> given) {
  std::vector<Setting> settings;
  std::ranges::copy_if(given, std::back_inserter(settings),
                       [](const Setting& one) { return !is_one_of(kOfSupervisor, *one.option); });
  // Of two with the same origin the later one counts.
  settings.insert(settings.end(), app.settings.begin(), app.settings.end());
  return settings;
}

}  // namespace mayfly::cli
