#include "cli/env_file.h"

#include <fstream>
#include <sstream>

#include "base/error.h"

namespace mayfly::cli {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string_view unquoted(std::string_view value) {
  bool quoted = value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front();
  return quoted ? value.substr(1, value.size() - 2) : value;
}

Variable parse_line(std::string_view line, std::string_view file, std::size_t number) {
  constexpr std::string_view kExport = "export ";
  if (line.starts_with(kExport)) line = trimmed(line.substr(kExport.size()));
  std::size_t equals = line.find('=');
  if (equals == std::string_view::npos || equals == 0) throw Error("{}:{}: expected NAME=VALUE", file, number);
  std::string_view name = trimmed(line.substr(0, equals));
  if (name.empty() || name.find_first_of(kBlanks) != std::string_view::npos) {
    throw Error("{}:{}: '{}' is not a name", file, number, name);
  }
  return {std::string(name), std::string(unquoted(trimmed(line.substr(equals + 1))))};
}

}  // namespace

std::vector<Variable> parse_env_file(std::string_view text, std::string_view name) {
  std::vector<Variable> variables;
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    line = trimmed(line);
    if (!line.empty() && line.front() != '#') variables.push_back(parse_line(line, name, number));
  }
  return variables;
}

std::vector<Variable> read_env_file(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream) throw Error("--env-file {} cannot be read", file.string());
  return parse_env_file(text.str(), file.string());
}

}  // namespace mayfly::cli
