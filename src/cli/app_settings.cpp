#include "cli/app_settings.h"

#include <nlohmann/json.hpp>

namespace mayfly::cli {
namespace {

using nlohmann::json;

json to_json(const Setting& setting) {
  return {{"name", setting.option->name},
          {"values", setting.values},
          {"origin", static_cast<int>(setting.origin)},
          {"place", setting.place}};
}

Setting to_setting(const json& object) {
  const auto name = object.at("name").get<std::string>();
  const Option* option = find_option(name);
  if (option == nullptr) throw Error("there is no option '{}'", name);
  return {.option = option,
          .values = object.at("values").get<std::vector<std::string>>(),
          .origin = static_cast<Origin>(object.at("origin").get<int>()),
          .place = object.at("place").get<std::string>()};
}

json to_json(const AppEntry& app) {
  json settings = json::array();
  for (const Setting& setting : app.settings) settings.push_back(to_json(setting));
  return {{"name", app.name},   {"place", app.place}, {"script", app.script.string()}, {"arguments", app.arguments},
          {"hosts", app.hosts}, {"paths", app.paths}, {"settings", settings}};
}

AppEntry to_entry(const json& object) {
  AppEntry app{.name = object.at("name").get<std::string>(),
               .place = object.at("place").get<std::string>(),
               .script = object.at("script").get<std::string>(),
               .arguments = object.at("arguments").get<std::vector<std::string>>(),
               .hosts = object.at("hosts").get<std::vector<std::string>>(),
               .paths = object.at("paths").get<std::vector<std::string>>(),
               .settings = {}};
  for (const json& setting : object.at("settings")) app.settings.push_back(to_setting(setting));
  return app;
}

}  // namespace

std::string to_text(const AppSettings& settings) {
  json routing = json::array();
  for (const AppEntry& app : settings.routing) {
    routing.push_back(to_json(AppEntry{.name = app.name,
                                       .place = app.place,
                                       .script = {},
                                       .arguments = {},
                                       .hosts = app.hosts,
                                       .paths = app.paths,
                                       .settings = {}}));
  }
  const json object = {{"entry", to_json(settings.entry)},
                       {"number", settings.number},
                       {"folder", settings.folder.string()},
                       {"routing", routing}};
  // Not JSON itself: paths and variables need not be UTF-8.
  std::string text;
  json::to_cbor(object, text);
  return text;
}

AppSettings parse_app_settings(std::string_view text) {
  try {
    const json object = json::from_cbor(text);
    AppSettings settings{.entry = to_entry(object.at("entry")),
                         .number = object.at("number").get<std::size_t>(),
                         .folder = object.at("folder").get<std::string>(),
                         .routing = {}};
    for (const json& app : object.at("routing")) settings.routing.push_back(to_entry(app));
    return settings;
  } catch (const json::exception& error) {
    throw Error("the supervisor's settings cannot be read: {}", error.what());
  }
}

}  // namespace mayfly::cli
