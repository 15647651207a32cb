#include "http/testing/wire_cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <stdexcept>

namespace mayfly::http::testing {

namespace {

std::string unescaped(std::string_view text) {
  static const std::map<char, char> single = {{'r', '\r'}, {'n', '\n'},  {'t', '\t'},
                                              {'0', '\0'}, {'\\', '\\'}, {'s', ' '}};
  std::string out;
  while (!text.empty()) {
    std::size_t used = 1;
    if (text.front() != '\\') {
      out += text.front();
    } else if (const auto found = single.find(text.size() > 1 ? text[1] : '?'); found != single.end()) {
      out += found->second;
      used = 2;
    } else {
      unsigned value = 0;
      const bool is_hex = text.size() >= 4 && text[1] == 'x';
      const char* const end = text.data() + (is_hex ? 4 : 0);
      if (!is_hex || std::from_chars(text.data() + 2, end, value, 16).ptr != end) {
        throw std::runtime_error(fmt::format("unknown escape in '{}'", text));
      }
      out += static_cast<char>(value);
      used = 4;
    }
    text.remove_prefix(used);
  }
  return out;
}

/// Takes "NAME=VALUE" of a line `set`.
void apply_setting(std::string_view text, WireCase& result) {
  const std::size_t equals = std::min(text.find('='), text.size());
  const std::string_view name = text.substr(0, equals);
  const std::string_view value = text.substr(std::min(equals + 1, text.size()));
  Limits& limits = result.limits;
  const std::map<std::string_view, std::size_t*> sizes = {{"request_line_bytes", &limits.request_line_bytes},
                                                          {"header_bytes", &limits.header_bytes},
                                                          {"header_fields", &limits.header_fields},
                                                          {"trailer_bytes", &limits.trailer_bytes},
                                                          {"body_bytes", &limits.body_bytes}};
  if (const auto size = sizes.find(name); size != sizes.end()) {
    const auto number = parse_decimal(value);
    if (!number) throw std::runtime_error(fmt::format("'{}' is no number", value));
    *size->second = *number;
  } else if (text == "to=HEAD") {
    result.setting.to_head = true;
  } else if (text == "closes=yes") {
    result.setting.closes = true;
  } else {
    throw std::runtime_error(fmt::format("unknown setting '{}'", text));
  }
}

void take_line(const std::string& line, const std::string& place, std::vector<WireCase>& cases) {
  if (line.empty() || line.starts_with('#')) return;
  if (line.starts_with('[') && line.ends_with(']')) {
    cases.emplace_back();
    cases.back().name = fmt::format("{}: {}", place, line.substr(1, line.size() - 2));
  } else if (cases.empty()) {
    throw std::runtime_error("no case has begun");
  } else if (line.starts_with("> ")) {
    cases.back().bytes += unescaped(line.substr(2));
  } else if (line.starts_with("set ")) {
    apply_setting(line.substr(4), cases.back());
  } else {
    cases.back().expected += line + "\n";
  }
}

}  // namespace

std::vector<WireCase> read_cases(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<WireCase> cases;
  for (const auto& file : files) {
    std::ifstream in(file);
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
      const std::string place = fmt::format("{}:{}", file.filename().string(), number);
      try {
        take_line(line, place, cases);
      } catch (const std::runtime_error& error) {
        throw std::runtime_error(fmt::format("{}: {}", place, error.what()));
      }
    }
  }
  return cases;
}

}  // namespace mayfly::http::testing
