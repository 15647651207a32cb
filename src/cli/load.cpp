#include "cli/load.h"

#include <algorithm>
#include <optional>

#include "cli/config_file.h"
#include "cli/environment.h"

namespace mayfly::cli {
namespace {

namespace fs = std::filesystem;

const Setting* find(const std::vector<Setting>& settings, std::string_view name) {
  auto found = std::find_if(settings.begin(), settings.end(), [&](const Setting& s) { return s.option->name == name; });
  return found == settings.end() ? nullptr : &*found;
}

std::optional<fs::path> config_file(const CommandLine& line, const EnvironmentSettings& environment,
                                    const fs::path& cwd) {
  for (const std::vector<Setting>* settings : {&line.flags, &environment.settings}) {
    if (const Setting* setting = find(*settings, "config")) return setting->values.back();
  }
  std::vector<fs::path> folders;
  if (line.app) folders.push_back(project_folder(fs::weakly_canonical(cwd / *line.app)));
  folders.push_back(cwd);
  return find_config_file(folders);
}

}  // namespace

Loaded load(const CommandLine& line, const Surroundings& surroundings) {
  EnvironmentSettings environment = read_environment(surroundings.environment, surroundings.cwd);
  std::vector<Setting> given;
  if (line.command != Command::doctor) {
    if (auto file = config_file(line, environment, surroundings.cwd)) given = read_config_file(*file);
  }
  given.insert(given.end(), environment.settings.begin(), environment.settings.end());
  given.insert(given.end(), line.flags.begin(), line.flags.end());
  Settings settings(given);
  Config config = settings.config();
  config.app = line.app.value_or("");
  config.arguments = line.arguments;
  return {std::move(settings), std::move(config), std::move(environment.unknown)};
}

}  // namespace mayfly::cli
