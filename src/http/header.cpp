#include "http/header.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace mayfly::http {

namespace {

constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (unsigned c = '0'; c <= '9'; ++c) table[c] = true;
  for (unsigned c = 'a'; c <= 'z'; ++c) table[c] = true;
  for (unsigned c = 'A'; c <= 'Z'; ++c) table[c] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}

constexpr std::array<bool, 256> kToken = make_token_table();

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

constexpr char lower_variable(char c) {
  return c == '_' ? '-' : lower(c);
}

bool is_port(std::string_view text) {
  constexpr std::size_t kMaxDigits = 5;
  const auto port = parse_decimal(text);
  return port && text.size() <= kMaxDigits && *port <= 65535;
}

bool is_host_name(std::string_view text) {
  if (text.empty() || text.front() == '.' || text.find("..") != std::string_view::npos) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' || c == '.' || c == '_' ||
           c == '~';
  });
}

bool is_ipv6_address(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) return false;
  std::copy(text.begin(), text.end(), terminated.begin());
  in6_addr address;
  return inet_pton(AF_INET6, terminated.data(), &address) == 1;
}

}  // namespace

bool is_token_character(char c) noexcept {
  return kToken[static_cast<unsigned char>(c)];
}

bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool is_field_text_character(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

bool is_field_text(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), is_field_text_character);
}

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

bool equals_as_variable(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower_variable(x) == lower_variable(y); });
}

std::string_view trim(std::string_view text) noexcept {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) noexcept {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::optional<std::string_view> next_element(std::string_view& list) noexcept {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view element = trim(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (!element.empty()) return element;
  }
  return std::nullopt;
}

bool list_contains(std::string_view list, std::string_view element) noexcept {
  while (const auto candidate = next_element(list)) {
    if (equals_ignoring_case(*candidate, element)) return true;
  }
  return false;
}

bool is_host_and_port(std::string_view text) noexcept {
  std::size_t host_size = std::min(text.find(':'), text.size());
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos || !is_ipv6_address(text.substr(1, bracket - 1))) return false;
    host_size = bracket + 1;
  } else if (!is_host_name(text.substr(0, host_size))) {
    return false;
  }
  const std::string_view rest = text.substr(host_size);
  return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
}

void FieldList::add(std::size_t name_offset, std::size_t name_size, std::size_t value_offset, std::size_t value_size) {
  spans_.push_back({static_cast<std::uint32_t>(name_offset), static_cast<std::uint32_t>(name_size),
                    static_cast<std::uint32_t>(value_offset), static_cast<std::uint32_t>(value_size)});
}

Field FieldList::operator[](std::size_t index) const noexcept {
  const Span& span = spans_[index];
  return {{head_ + span.name_offset, span.name_size}, {head_ + span.value_offset, span.value_size}};
}

std::optional<std::string_view> FieldList::find(std::string_view name) const noexcept {
  for (std::size_t i = 0; i < size(); ++i) {
    const Field field = (*this)[i];
    if (equals_ignoring_case(field.name, name)) return field.value;
  }
  return std::nullopt;
}

std::optional<std::string_view> FieldList::only(std::string_view name) const noexcept {
  std::optional<std::string_view> value;
  for (std::size_t i = 0; i < size(); ++i) {
    const Field field = (*this)[i];
    if (!equals_ignoring_case(field.name, name)) continue;
    if (value) return std::nullopt;
    value = field.value;
  }
  return value;
}

bool FieldList::names(std::string_view name, std::string_view element) const noexcept {
  for (std::size_t i = 0; i < size(); ++i) {
    const Field field = (*this)[i];
    if (equals_ignoring_case(field.name, name) && list_contains(field.value, element)) return true;
  }
  return false;
}

bool is_hop_by_hop(std::string_view name) noexcept {
  static constexpr std::array<std::string_view, 10> kNames = {
      "Connection", "Keep-Alive",        "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "TE",
      "Trailer",    "Transfer-Encoding", "Upgrade",          "HTTP2-Settings"};
  return std::any_of(kNames.begin(), kNames.end(),
                     [name](std::string_view candidate) { return equals_as_variable(name, candidate); });
}

}  // namespace mayfly::http
