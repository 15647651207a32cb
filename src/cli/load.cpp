#include "cli/load.h"

#include <algorithm>
#include <optional>
#include <utility>

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

void check_for_one_program(const CommandLine& line, const AppEntry& app) {
  const std::string program = line.app ? *line.app : line.arguments.empty() ? "" : line.arguments.front();
  if (program.empty()) return;
  throw UsageError(
      "{}: the file is for several apps, which 'mayfly serve' without another one serves; --config names another file "
      "for {}",
      app.place, program);
}

}  // namespace

Loaded load(const CommandLine& line, const Surroundings& surroundings) {
  EnvironmentSettings environment = read_environment(surroundings.environment, surroundings.cwd);
  ConfigFile contents;
  if (line.command != Command::doctor) {
    if (auto file = config_file(line, environment, surroundings.cwd)) contents = read_config_file(*file);
  }
  if (!contents.apps.empty()) check_for_one_program(line, contents.apps.front());
  std::vector<Setting> given = std::move(contents.settings);
  given.insert(given.end(), environment.settings.begin(), environment.settings.end());
  given.insert(given.end(), line.flags.begin(), line.flags.end());
  Settings settings(given);
  Config config = settings.config();
  config.app = line.app.value_or("");
  config.arguments = line.arguments;
  return {.given = std::move(given),
          .apps = std::move(contents.apps),
          .settings = std::move(settings),
          .config = std::move(config),
          .unknown_variables = std::move(environment.unknown)};
}

}  // namespace mayfly::cli
