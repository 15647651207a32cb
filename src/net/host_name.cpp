#include "net/host_name.h"

#include <algorithm>

namespace mayfly::net {
namespace {

constexpr std::size_t kMaxLabelBytes = 63;  // RFC 1035 2.3.4

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view without_dot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

/// @param label in lower case
bool is_label(std::string_view label) {
  auto good = [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_'; };
  return !label.empty() && label.size() <= kMaxLabelBytes && label.front() != '-' && std::ranges::all_of(label, good);
}

}  // namespace

bool ends_in_number(std::string_view name) {
  std::string_view last = without_dot(name);
  last = last.substr(last.rfind('.') + 1);
  if (last.starts_with("0x") || last.starts_with("0X")) {
    last.remove_prefix(2);
    return std::ranges::all_of(last, [](char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f'); });
  }
  return !last.empty() && std::ranges::all_of(last, is_digit);
}

std::optional<std::string> normal_host_name(std::string_view name) {
  std::string result(without_dot(name));
  if (result.size() > kMaxHostNameBytes || ends_in_number(result)) return std::nullopt;
  std::ranges::transform(result, result.begin(), lower);
  std::string_view rest = result;
  while (true) {
    std::size_t dot = rest.find('.');
    if (!is_label(rest.substr(0, dot))) return std::nullopt;
    if (dot == std::string_view::npos) return result;
    rest.remove_prefix(dot + 1);
  }
}

bool is_own_name(std::string_view name) {
  return name == kOwnDomain || (name.ends_with(kOwnDomain) && name[name.size() - kOwnDomain.size() - 1] == '.');
}

bool is_localhost(std::string_view name) {
  return name == "localhost" || name.ends_with(".localhost");
}

}  // namespace mayfly::net
