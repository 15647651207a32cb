#include "cli/option_value.h"

#include <algorithm>

#include "cli/value.h"
#include "net/rule.h"

namespace mayfly::cli {

http::Endpoint parse_endpoint(std::string_view value) {
  try {
    return http::Endpoint::parse(value);
  } catch (const Error&) {
    throw BadValue("is not an address to listen on");
  }
}

Variable parse_variable(std::string_view value) {
  std::size_t equals = value.find('=');
  std::string_view name = value.substr(0, equals);
  if (name.empty()) throw BadValue("has no name");
  if (equals == std::string_view::npos) return {std::string(name), std::nullopt};
  return {std::string(name), std::string(value.substr(equals + 1))};
}

std::string parse_url_path(std::string_view value) {
  if (!value.starts_with('/')) throw BadValue("does not begin with '/'");
  for (char c : value) {
    if (c <= ' ' || c == 0x7f) throw BadValue("has a blank or a control character in it");
  }
  return std::string(value);
}

std::optional<std::string> parse_access_log(std::string_view value) {
  if (value == "off") return std::nullopt;
  if (value.empty()) throw BadValue("is not a path");
  return std::string(value);
}

std::optional<trace::Filter> parse_trace_filter(std::string_view value) {
  if (value == "off") return std::nullopt;
  try {
    return trace::Filter::parse(value);
  } catch (const Error& error) {
    throw BadValue("{}", error.what());
  }
}

std::string parse_net_rule(std::string_view value) {
  try {
    (void)net::Rule::parse(value);
  } catch (const net::BadRule& bad) {
    throw BadValue("{}", bad.reason());
  }
  return std::string(value);
}

backend::Target parse_backend(std::string_view value) {
  try {
    return backend::Target::parse(value);
  } catch (const backend::BadTarget& bad) {
    throw BadValue("{}", bad.what());
  }
}

std::string share_of_memory(const Config& config) {
  constexpr std::uint64_t kMost = 256ull << 20;
  return format_size(std::min(config.memory_bytes, kMost));
}

std::string machines_for_threads(const Config& config) {
  constexpr unsigned kMachinesPerThread = 2;  // one that serves, one that is being reset or waits for its client
  return std::to_string(config.threads * kMachinesPerThread);
}

}  // namespace mayfly::cli
