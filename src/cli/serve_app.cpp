// The process of one of several apps.
#include <optional>
#include <utility>

#include "base/error.h"
#include "cli/app_membership.h"
#include "cli/app_settings.h"
#include "cli/commands.h"
#include "cli/http_options.h"
#include "cli/logging.h"
#include "supervisor/remote_key.h"

namespace mayfly::cli {
namespace {

std::vector<std::string> places_of(const AppEntry& app) {
  std::vector<std::string> places;
  for (const std::string& host : app.hosts) {
    for (const std::string& path : app.paths) places.push_back(host + path);
  }
  return places;
}

Config config_of(const AppSettings& settings) {
  Config config = Settings(settings.entry.settings).config();
  config.one_of_apps = true;
  config.app = settings.entry.script;
  config.arguments = settings.entry.arguments;
  return config;
}

/// A command starts in its own folder, which it may read, not in that of the file, which may be all apps'.
Program program_of(const AppSettings& settings, const Config& config) {
  Surroundings surroundings = Surroundings::current();
  if (!config.app.empty()) return script_program(config, surroundings);
  surroundings.cwd = config.cwd.value_or(settings.folder);
  return command_program(config, surroundings);
}

}  // namespace

int serve_app(const std::string& link, ProcessStart& process) {
  AppMembership membership{.link = supervisor::AppLink(link), .routes = {}, .tls = {}, .reached_at = {}};
  const AppSettings settings = parse_app_settings(membership.link.settings());
  membership.number = settings.number;
  membership.routes = routes_of(settings.routing);
  membership.reached_at = places_of(settings.entry);
  std::optional<supervisor::RemoteKey> key;  // outlives all connections
  try {
    const Config config = config_of(settings);
    if (UniqueFd keys = membership.link.take_keys()) {
      key.emplace(std::move(keys));
      membership.tls = std::make_shared<http::TlsContext>([&key] { return key->identity(); }, tls_protocols(config));
    }
    const auto log = make_logger(config, settings.entry.name);
    const Program program = program_of(settings, config);
    log->debug("command line: {}", command_text(program));
    return start_server(config, program, process, *log, &membership);
  } catch (const std::exception& error) {
    throw Error("{}: {}", settings.entry.name, error.what());
  }
}

}  // namespace mayfly::cli
