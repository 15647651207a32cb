#include "cli/print_config.h"

#include <fmt/format.h>

namespace mayfly::cli {
namespace {

/// A TOML basic string.
std::string toml_string(std::string_view text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      result += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    } else {
      result += c;
    }
  }
  return result + '"';
}

std::string toml_value(const Setting& setting) {
  const Option& option = *setting.option;
  bool bare = option.kind == Kind::toggle || option.kind == Kind::count;
  // A toggle may have been written as 1 or 0.
  auto one = [&](const std::string& value) {
    if (option.kind == Kind::toggle) return std::string(value == "true" || value == "1" ? "true" : "false");
    return bare ? value : toml_string(value);
  };
  if (!option.repeatable) return one(setting.values.front());
  std::string list;
  for (const std::string& value : setting.values) list += (list.empty() ? "" : ", ") + one(value);
  return "[" + list + "]";
}

}  // namespace

std::string print_config(const Settings& settings, std::optional<Command> command) {
  std::string text;
  for (const Setting& setting : settings.all()) {
    const Option& option = *setting.option;
    if (option.origins != Origins::everywhere) continue;
    if (command && (option.commands & static_cast<CommandSet>(*command)) == 0) continue;
    if (setting.values.empty()) {
      text += fmt::format("# {} = not set\n", option.name);
    } else {
      text += fmt::format("{} = {}  # {}\n", option.name, toml_value(setting), setting.place);
    }
  }
  return text;
}

}  // namespace mayfly::cli
