#include "cli/config_file.h"

#include <toml++/toml.h>

#include "cli/suggestion.h"
#include "cli/value.h"

namespace mayfly::cli {
namespace {

/// Reads one file; knows its name for error messages.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& file) : file_(file), base_(file.parent_path()) {}

  std::vector<Setting> read() {
    std::vector<Setting> settings;
    for (const auto& [key, node] : parse()) settings.push_back(make_setting(key.str(), node));
    return settings;
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

  Setting make_setting(std::string_view key, const toml::node& node) const {
    std::string where = place(node.source().begin.line);
    const Option* option = find_option(key);
    if (option == nullptr) throw UsageError("{}: unknown key '{}'{}", where, key, suggestion(key, names()));
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

  static std::vector<std::string> names() {
    std::vector<std::string> names;
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

std::vector<Setting> read_config_file(const std::filesystem::path& file) {
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
