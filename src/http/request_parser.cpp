#include "http/request_parser.h"

#include <algorithm>

namespace mayfly::http {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Visible ASCII without '#'. More than the RFC's grammar, as browsers send characters such as '|' unescaped, but
/// nothing that could end a target early.
bool is_target_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '#'; });
}

/// A program that gets its fields as variables would take this one for a field that tells where the request ends.
bool passes_for_framing(std::string_view name) {
  return equals_as_variable(name, "Content-Length") || equals_as_variable(name, "Transfer-Encoding");
}

}  // namespace

void RequestParser::reset() {
  HeadParser::reset();
  head_ = {};
  length_ = {};
  coding_ = {};
  has_host_ = false;
}

bool RequestParser::take_start_line(std::string_view line, std::size_t offset) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return refuse(400, "the request line does not have three parts");
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (!is_token(method)) return refuse(400, "the method is not a token");
  if (target.empty() || !is_target_text(target)) return refuse(400, "the request target has a forbidden character");
  method_offset_ = offset;
  method_size_ = method.size();
  target_size_ = target.size();
  return take_version(line.substr(last + 1));
}

bool RequestParser::take_version(std::string_view version) {
  if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) || version[6] != '.' ||
      !is_digit(version[7])) {
    return refuse(400, "the request line does not end in an HTTP version");
  }
  // The RFC would have 1.2 be taken for 1.1, but there is no such version, and parsers differ on it.
  if (version != "HTTP/1.0" && version != "HTTP/1.1") return refuse(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
  head_.minor_version = version[7] == '0' ? 0 : 1;
  return true;
}

bool RequestParser::finish(std::string_view buffered) {
  head_.method = buffered.substr(method_offset_, method_size_);
  head_.fields = &fields();
  head_.keep_alive = head_.minor_version == 1;
  return take_fields() && check_connection_fields() &&
         take_target(buffered.substr(method_offset_ + method_size_ + 1, target_size_)) && take_framing();
}

bool RequestParser::take_fields() {
  for (std::size_t i = 0; i < fields().size(); ++i) {
    const auto [name, value] = fields()[i];
    if (equals_ignoring_case(name, "Host")) {
      if (has_host_) return refuse(400, "there is more than one Host field");
      if (!value.empty() && !is_host_and_port(value)) return refuse(400, "the Host field is not a host");
      has_host_ = true;
      head_.host = value;
    } else if (equals_ignoring_case(name, "Content-Length")) {
      length_.add(value);
    } else if (equals_ignoring_case(name, "Transfer-Encoding")) {
      coding_.add(value);
    } else if (equals_ignoring_case(name, "Connection")) {
      if (list_contains(value, "keep-alive")) head_.keep_alive = true;
    } else if (equals_ignoring_case(name, "Expect") && head_.minor_version == 1) {
      if (!equals_ignoring_case(value, "100-continue")) return refuse(417, "the expectation is not 100-continue");
      head_.expects_continue = true;
    } else if (passes_for_framing(name)) {
      return refuse(400, "the name of a field is that of Content-Length or Transfer-Encoding but for '_'");
    }
  }
  if (fields().names("Connection", "close")) head_.keep_alive = false;
  if (!has_host_ && head_.minor_version == 1) return refuse(400, "there is no Host field");
  return true;
}

bool RequestParser::take_target(std::string_view target) {
  if (head_.method == "CONNECT") return refuse(501, "tunnels (CONNECT) are not offered");
  if (target.front() == '/' || (target == "*" && head_.method == "OPTIONS")) {
    head_.target = target;
    return true;
  }
  const std::size_t scheme_size = target.find("://");
  const std::string_view scheme = target.substr(0, scheme_size);
  if (scheme_size == std::string_view::npos ||
      (!equals_ignoring_case(scheme, "http") && !equals_ignoring_case(scheme, "https"))) {
    return refuse(400, "the request target is neither a path nor an http URL");
  }
  const std::string_view rest = target.substr(scheme_size + 3);
  const std::size_t path = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view host = rest.substr(0, path);
  if (!is_host_and_port(host)) return refuse(400, "the request target names no valid host");
  // The RFC has the target win, but who stands in front may have gone by the field (RFC 9112 section 3.2.2).
  if (has_host_ && !equals_ignoring_case(host, head_.host)) {
    return refuse(400, "the Host field and the request target name different hosts");
  }
  head_.host = host;
  head_.target = rest.substr(path);
  // RFC 9112 section 3.2.4.
  if (head_.target.empty()) head_.target = head_.method == "OPTIONS" ? "*" : "/";
  if (head_.target.front() == '?') return refuse(400, "the request target has a query but no path");
  return true;
}

bool RequestParser::take_framing() {
  if (coding_.present) {
    if (length_.present) return refuse(400, "there is both Content-Length and Transfer-Encoding");
    if (head_.minor_version == 0) return refuse(400, "Transfer-Encoding does not exist in HTTP/1.0");
    if (coding_.malformed || !coding_.chunked_last || coding_.chunked_early) {
      return refuse(400, "the transfer coding does not end in chunked");
    }
    if (coding_.others) return refuse(501, "no transfer coding but chunked is understood");
    head_.framing = Framing::chunked;
  } else if (length_.present) {
    if (!length_.valid) return refuse(400, "Content-Length is not one decimal number");
    if (length_.value > limits().body_bytes) return refuse(413, "the body is too large");
    head_.content_length = length_.value;
    head_.framing = length_.value > 0 ? Framing::length : Framing::none;
  }
  return true;
}

}  // namespace mayfly::http
