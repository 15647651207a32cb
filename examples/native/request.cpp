#include "native/request.h"

#include <strings.h>

#include <charconv>

namespace mayfly::examples {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Cuts `text` at the first `separator`, which it drops, and returns what came before it.
std::optional<std::string_view> take_until(std::string_view& text, std::string_view separator) {
  const std::size_t end = text.find(separator);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(end + separator.size());
  return taken;
}

bool parse_length(std::string_view text, std::size_t& length) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  return error == std::errc{} && end == text.data() + text.size();
}

bool apply_field(std::string_view line, Request& request) {
  const auto name = take_until(line, ":");
  if (!name || name->empty()) return false;
  const std::string_view value = trimmed(line);
  if (equals_ignoring_case(*name, "Content-Length")) return parse_length(value, request.body_bytes);
  if (equals_ignoring_case(*name, "Transfer-Encoding")) return false;
  if (equals_ignoring_case(*name, "Connection")) {
    if (equals_ignoring_case(value, "close")) request.keep_alive = false;
    if (equals_ignoring_case(value, "keep-alive")) request.keep_alive = true;
  }
  return true;
}

}  // namespace

std::optional<Request> parse_request(std::string_view head) {
  Request request;
  auto start_line = take_until(head, kLineEnd);
  if (!start_line) return std::nullopt;
  const auto method = take_until(*start_line, " ");
  const auto target = take_until(*start_line, " ");
  if (!method || !target || method->empty() || target->empty()) return std::nullopt;
  if (*start_line != "HTTP/1.1" && *start_line != "HTTP/1.0") return std::nullopt;
  request.method = *method;
  request.target = *target;
  request.keep_alive = *start_line == "HTTP/1.1";

  for (auto line = take_until(head, kLineEnd); line && !line->empty(); line = take_until(head, kLineEnd)) {
    if (!apply_field(*line, request)) return std::nullopt;
  }
  return request;
}

}  // namespace mayfly::examples
