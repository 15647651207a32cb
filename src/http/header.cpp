#include "http/header.h"

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
                     [name](std::string_view candidate) { return equals_ignoring_case(name, candidate); });
}

}  // namespace mayfly::http
