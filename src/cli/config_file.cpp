#include "cli/config_file.h"

#include <toml++/toml.h>

#include <array>
#include <utility>

#include "cli/suggestion.h"
#include "cli/value.h"

namespace mayfly::cli {
namespace {

constexpr std::string_view kApps = "app";
constexpr std::array<std::string_view, 6> kAppKeys = {"name", "serve", "run", "args", "hosts", "paths"};

/// Reads one file; knows its name for error messages.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& file) : file_(file), base_(file.parent_path()) {}

  ConfigFile read() {
    ConfigFile file;
    for (const auto& [key, node] : parse()) {
      if (key == kApps) {
        file.apps = make_apps(node);
      } else {
        file.settings.push_back(make_setting(key.str(), node, {}));
      }
    }
    return file;
  }

 private:
  toml::table parse() const {
    if (!std::filesystem::is_regular_file(file_)) throw Error("{} does not exist or is not a file", file_.string());
    try {
      return toml::parse_file(file_.string());
    } catch (const toml::parse_error& error) {
      throw UsageError("{}: {}", place(error.source().begin.line), error.description());
    }
  }

  std::vector<AppEntry> make_apps(const toml::node& node) const {
    const toml::array* entries = node.as_array();
    if (entries == nullptr || !entries->is_array_of_tables()) {
      throw UsageError("{}: '{}' is no list of apps; each begins with [[{}]]", place(node.source().begin.line), kApps,
                       kApps);
    }
    std::vector<AppEntry> apps;
    for (const toml::node& entry : *entries) apps.push_back(make_app(*entry.as_table()));
    return apps;
  }

  AppEntry make_app(const toml::table& table) const {
    AppEntry app;
    app.place = place(table.source().begin.line);
    app.folder = base_;
    std::vector<std::string> command;
    std::vector<std::string> arguments;
    for (const auto& [key, node] : table) {
      const std::string where = place(node.source().begin.line);
      if (key == "name") {
        app.name = parsed(where, key, node, parse_app_name);
      } else if (key == "serve") {
        app.script = parsed(where, key, node, [this](std::string_view text) { return absolute(text); });
      } else if (key == "run") {
        command = strings(where, key, node);
      } else if (key == "args") {
        arguments = strings(where, key, node);
      } else if (key == "hosts") {
        app.hosts = strings(where, key, node, supervisor::parse_host);
      } else if (key == "paths") {
        app.paths = strings(where, key, node, supervisor::parse_path);
      } else {
        app.settings.push_back(make_app_setting(where, key.str(), node));
      }
    }
    complete(app, std::move(command), arguments);
    return app;
  }

  /// Draws the conclusions once all keys are known.
  void complete(AppEntry& app, std::vector<std::string> command, const std::vector<std::string>& arguments) const {
    if (app.name.empty()) throw UsageError("{}: the app has no name; add: name = \"...\"", app.place);
    if (!command.empty() && command.front().empty()) {
      throw UsageError("{}: app '{}': the program of 'run' has no name", app.place, app.name);
    }
    if (app.script.empty() == command.empty()) {
      throw UsageError("{}: app '{}' needs one of serve = \"SCRIPT\" and run = [\"PROGRAM\", \"ARGUMENT\", ...]{}",
                       app.place, app.name, command.empty() ? "" : ", not both");
    }
    if (!command.empty() && command.front().find('/') != std::string::npos) command.front() = absolute(command.front());
    app.arguments = std::move(command);
    app.arguments.insert(app.arguments.end(), arguments.begin(), arguments.end());
    if (app.hosts.empty()) app.hosts.emplace_back("*");
    if (app.paths.empty()) app.paths.emplace_back("/");
    const CommandSet kind = app.script.empty() ? kRunOnly : kServeOnly;
    for (const Setting& setting : app.settings) {
      if ((setting.option->commands & kind) != 0) continue;
      throw UsageError("{}: '{}' is no option of app '{}', which has '{}'", setting.place, setting.option->name,
                       app.name, app.script.empty() ? "run" : "serve");
    }
  }

  Setting make_app_setting(const std::string& where, std::string_view key, const toml::node& node) const {
    const Option* option = find_option(key);
    if (option != nullptr && option->name == "command") {
      throw UsageError("{}: '{}' is no option of an app; its program is named by 'run'", where, key);
    }
    if (option != nullptr && is_of_server(*option)) {
      throw UsageError("{}: '{}' is of the server as a whole; write it above the first [[{}]]", where, key, kApps);
    }
    return make_setting(key, node, kAppKeys);
  }

  std::string absolute(std::string_view path) const {
    if (path.empty()) throw BadValue("is not a path");
    return (base_ / path).lexically_normal().string();
  }

  /// @param parse throws Error, in words that follow the value
  template <typename Parse>
  static std::string parsed(const std::string& where, std::string_view key, const toml::node& node, Parse parse) {
    const auto text = node.value_exact<std::string>();
    if (!text) throw UsageError("{}: the value of '{}' is not a string", where, key);
    try {
      return parse(*text);
    } catch (const Error& error) {
      throw UsageError("{}: {}: '{}' {}", where, key, *text, error.what());
    }
  }

  /// One, or a list of them.
  template <typename Parse>
  static std::vector<std::string> strings(const std::string& where, std::string_view key, const toml::node& node,
                                          Parse parse) {
    const toml::array* list = node.as_array();
    if (list == nullptr) return {parsed(where, key, node, parse)};
    if (list->empty()) throw UsageError("{}: the list of '{}' is empty", where, key);
    std::vector<std::string> values;
    for (const toml::node& element : *list) values.push_back(parsed(where, key, element, parse));
    return values;
  }
  static std::vector<std::string> strings(const std::string& where, std::string_view key, const toml::node& node) {
    return strings(where, key, node, [](std::string_view text) { return std::string(text); });
  }

  /// @param more names besides those of options, for suggestions
  Setting make_setting(std::string_view key, const toml::node& node, std::span<const std::string_view> more) const {
    std::string where = place(node.source().begin.line);
    const Option* option = find_option(key);
    if (option == nullptr) throw UsageError("{}: unknown key '{}'{}", where, key, suggestion(key, names(more)));
    if (option->origins != Origins::everywhere) throw UsageError("{}: '{}' cannot be set in a file", where, key);
    Setting setting{option, {}, Origin::file, where};
    if (const toml::array* array = node.as_array(); array != nullptr && option->repeatable) {
      if (array->empty()) throw UsageError("{}: the list of '{}' is empty", where, key);
      for (const toml::node& element : *array) setting.values.push_back(value(*option, element, where));
    } else if (const toml::table* table = node.as_table(); table != nullptr && option->kind == Kind::variable) {
      for (const auto& [name, element] : *table) {
        setting.values.push_back(fmt::format("{}={}", name.str(), value(*option, element, where)));
      }
    } else {
      setting.values.push_back(value(*option, node, where));
    }
    return setting;
  }

  std::string value(const Option& option, const toml::node& node, std::string_view where) const {
    try {
      return absolute_value(option, text(option, node), base_);
    } catch (const BadValue& bad) {
      throw UsageError("{}: {}: the value {}; accepted: {}{}", where, option.name, bad.what(), toml_type(option),
                       accepted_form(option));
    }
  }

  static std::string text(const Option& option, const toml::node& node) {
    if (option.kind == Kind::toggle) {
      if (auto flag = node.value_exact<bool>()) return *flag ? "true" : "false";
      throw BadValue("is not a boolean");
    }
    if (option.kind == Kind::count) {
      if (auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
      throw BadValue("is not an integer");
    }
    if (auto string = node.value_exact<std::string>()) return *string;
    throw BadValue("is not a string");
  }

  static std::string_view toml_type(const Option& option) {
    bool plain = option.kind == Kind::toggle || option.kind == Kind::count;
    return plain ? "" : option.repeatable ? "a string or a list of strings, " : "a string, ";
  }

  static std::vector<std::string> names(std::span<const std::string_view> more) {
    std::vector<std::string> names(more.begin(), more.end());
    for (const Option& option : all_options()) {
      if (option.origins == Origins::everywhere) names.emplace_back(option.name);
    }
    return names;
  }

  std::string place(toml::source_index line) const { return fmt::format("{}:{}", file_.string(), line); }

  const std::filesystem::path& file_;
  std::filesystem::path base_;
};

}  // namespace

ConfigFile read_config_file(const std::filesystem::path& file) {
  return Reader(file).read();
}

std::optional<std::filesystem::path> find_config_file(std::span<const std::filesystem::path> folders) {
  for (const std::filesystem::path& folder : folders) {
    std::filesystem::path file = folder / "mayfly.toml";
    if (std::filesystem::exists(file)) return file;
  }
  return std::nullopt;
}

}  // namespace mayfly::cli
