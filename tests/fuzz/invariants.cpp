#include "fuzz/invariants.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace mayfly::fuzz {

using http::testing::Pieces;

void require(bool holds, std::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

http::Limits small_limits() {
  http::Limits limits;
  limits.request_line_bytes = 128;
  limits.header_bytes = 512;
  limits.header_fields = 12;
  limits.trailer_bytes = 64;
  limits.body_bytes = 300;
  return limits;
}

void require_independence_of_cuts(std::string_view bytes, const std::function<std::string(const Pieces&)>& read) {
  const std::string expected = read(http::testing::whole(bytes));
  require(read(http::testing::in_pieces(bytes, 1)) == expected, "byte by byte the outcome is the same");
  if (bytes.empty()) return;
  const std::size_t hash = std::hash<std::string_view>()(bytes);
  require(read(http::testing::cut_at(bytes, hash % bytes.size())) == expected, "cut once, the outcome is the same");
  require(read(http::testing::in_pieces(bytes, 2 + hash % 13)) == expected, "in pieces, the outcome is the same");
}

void require_plain_lines(std::string_view head) {
  require(head.ends_with("\r\n\r\n"), "a head ends in an empty line");
  const std::size_t start = std::min(head.find_first_not_of("\r\n"), head.size());
  require(head.find("\r\n\r\n", start) == head.size() - 4, "a head has one empty line");
  for (std::size_t i = 0; i < head.size(); ++i) {
    if (head[i] == '\n') require(i > 0 && head[i - 1] == '\r', "each LF follows a CR");
    if (head[i] == '\r') require(i + 1 < head.size() && head[i + 1] == '\n', "each CR is followed by LF");
    const auto byte = static_cast<unsigned char>(head[i]);
    require(byte >= 0x20 || byte == '\t' || byte == '\r' || byte == '\n', "a head has no control characters");
    require(byte != 0x7f, "a head has no DEL");
    if (i >= 2 && head[i - 1] == '\n') require(byte != ' ' && byte != '\t', "no line begins with a blank");
  }
}

void require_plain_fields(const http::FieldList& fields) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto [name, value] = fields[i];
    require(is_token(name), "a name is a token");
    require(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos, "a value is one line");
    if (value.empty()) continue;
    require(std::string_view(" \t").find(value.front()) == std::string_view::npos, "no blank begins a value");
    require(std::string_view(" \t").find(value.back()) == std::string_view::npos, "no blank ends a value");
  }
}

std::size_t count(const http::FieldList& fields, std::string_view name) {
  std::size_t found = 0;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    std::string variable = lower_case(fields[i].name);
    std::replace(variable.begin(), variable.end(), '_', '-');
    if (variable == name) ++found;
  }
  return found;
}

bool is_token(std::string_view text) {
  static constexpr std::string_view kDelimiters = "\"(),/:;<=>?@[\\]{}";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c < 0x7f && kDelimiters.find(c) == std::string_view::npos;
  });
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return lower;
}

}  // namespace mayfly::fuzz
