#include "cli/environment.h"

#include <algorithm>

#include "cli/suggestion.h"
#include "cli/value.h"

namespace mayfly::cli {
namespace {

constexpr std::string_view kPrefix = "MAYFLY_";

std::vector<std::string> names() {
  std::vector<std::string> names;
  for (const Option& option : all_options()) {
    if (option.origins != Origins::flag_only) names.push_back(environment_name(option));
  }
  return names;
}

const Option* find_by_environment_name(std::string_view name) {
  for (const Option& option : all_options()) {
    if (option.origins != Origins::flag_only && environment_name(option) == name) return &option;
  }
  return nullptr;
}

std::vector<std::string> split_values(const Option& option, std::string_view text) {
  if (!option.repeatable) return {std::string(text)};
  std::vector<std::string> values;
  for (;;) {
    std::size_t comma = text.find(',');
    values.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return values;
    text.remove_prefix(comma + 1);
  }
}

Setting make_setting(const Option& option, const std::string& name, std::string_view text,
                     const std::filesystem::path& base) {
  Setting setting{&option, {}, Origin::environment, name};
  for (const std::string& value : split_values(option, text)) {
    try {
      setting.values.push_back(absolute_value(option, value, base));
    } catch (const BadValue& bad) {
      throw UsageError("{}: '{}' {}; accepted: {}", name, value, bad.what(), accepted_form(option));
    }
  }
  return setting;
}

}  // namespace

EnvironmentSettings read_environment(std::span<const std::string> variables, const std::filesystem::path& base) {
  EnvironmentSettings result;
  for (const std::string& variable : variables) {
    if (!variable.starts_with(kPrefix)) continue;
    std::size_t equals = std::min(variable.find('='), variable.size());
    std::string name = variable.substr(0, equals);
    if (const Option* option = find_by_environment_name(name)) {
      std::string_view value = std::string_view(variable).substr(std::min(equals + 1, variable.size()));
      result.settings.push_back(make_setting(*option, name, value, base));
    } else if (std::string hint = suggestion(name, names()); !hint.empty()) {
      throw UsageError("{} in the environment is not an option{}", name, hint);
    } else {
      result.unknown.push_back(name);
    }
  }
  return result;
}

}  // namespace mayfly::cli
