#include "net/policy.h"

#include <fmt/format.h>

#include <algorithm>

#include "net/host_name.h"

namespace mayfly::net {
namespace {

/// Text of a guest's: nothing in it may forge or break lines of the log.
std::string printable(std::string_view text) {
  std::string result(text);
  std::ranges::replace_if(
      result, [](unsigned char c) { return c < 0x20 || c >= 0x7f; }, '?');
  return result;
}

/// The narrowest rule that would allow a connection.
std::string suggested_rule(const Address& destination, bool special, const std::string& name) {
  const IpBytes& ip = destination.bytes;
  if (ip == kLoopback4 || ip == kLoopback6) return fmt::format("localhost:{}", destination.port);
  return special || name.empty() ? format(destination) : fmt::format("{}:{}", name, destination.port);
}

Verdict refuse(const Address& address, const Address& destination, const std::string& name, bool stale) {
  Scope scope = classify(destination.bytes).scope;
  bool special = is_special(scope);
  std::string what = format(address);
  if (!name.empty()) what = fmt::format("{} ({})", name, what);
  if (destination != address) what += fmt::format(", which leads to {},", format(destination.bytes));
  if (stale && !special) {
    return {false,
            fmt::format("connection to {} refused: the name was last looked up more than an hour ago and is to be "
                        "looked up again, or allow the address with --allow-net {}",
                        what, format(destination))};
  }
  std::string why;
  // Of localhost nobody would expect that.
  if (special && !name.empty() && !is_localhost(name))
    why = fmt::format("no rule for a name covers {} addresses; ", scope_name(scope));
  return {false, fmt::format("connection to {} refused: {}allow it with --allow-net {}", what, why,
                             suggested_rule(destination, special, name))};
}

}  // namespace

Policy::Policy(std::span<const std::string> rules, std::string hosts_file) : hosts_(std::move(hosts_file)) {
  for (const std::string& rule : rules) rules_.push_back(Rule::parse(rule));
}

Verdict Policy::check(const Address& address, Clock::time_point now) const {
  Address destination{destination_of(address.bytes), address.port};
  bool special = is_special(classify(destination.bytes).scope);
  for (const Rule& rule : rules_) {
    if (rule.covers(destination.bytes, address.port)) return {true};
    if (rule.kind == Rule::Kind::anywhere && !special && rule.covers_port(address.port)) return {true};
  }
  Names names = names_of(destination.bytes, address.port, now);
  if (names.covered && !special) return {true};
  return refuse(address, destination, names.known, names.stale);
}

Policy::Names Policy::names_of(const IpBytes& ip, u16 port, Clock::time_point now) const {
  Names result;
  auto note = [&](std::string_view name, bool fresh) {
    bool ruled = rule_for_name(name, port);
    if (ruled && fresh) result.covered = true;
    if (ruled && !fresh) result.stale = true;
    if (result.known.empty() || ruled) result.known = name;
  };
  std::lock_guard lock(mutex_);
  for (const LearnedNames::Known& known : learned_.names_of(ip, now)) note(known.name, known.fresh);
  if (result.covered) return result;
  for (const std::string& name : hosts_.names_of(ip)) note(name, true);
  return result;
}

bool Policy::rule_for_name(std::string_view name, u16 port) const {
  return std::ranges::any_of(rules_,
                             [&](const Rule& rule) { return rule.covers_name(name) && rule.covers_port(port); });
}

Verdict Policy::check_unix(std::string_view path) const {
  for (const Rule& rule : rules_) {
    if (rule.kind == Rule::Kind::unix_path && rule.name == path) return {true};
  }
  if (!is_unix_rule_path(path)) {
    return {false,
            fmt::format("connection to the unix socket '{}' refused: only an absolute path without '.', '..' and "
                        "'//' can be allowed",
                        printable(path))};
  }
  return {false, fmt::format("connection to unix:{} refused: allow it with --allow-net unix:{}", printable(path),
                             printable(path))};
}

Verdict Policy::check_name(std::string_view text) const {
  std::optional<std::string> name = normal_host_name(text);
  if (!name) return {false, fmt::format("look-up of '{}' refused: it is no host name", printable(text))};
  if (is_localhost(*name)) return {true};
  for (const Rule& rule : rules_) {
    if (rule.kind == Rule::Kind::anywhere || rule.covers_name(*name)) return {true};
  }
  return {false, fmt::format("look-up of {} refused: allow it with --allow-net {}", *name, *name)};
}

void Policy::learned(std::string_view text, std::span<const IpBytes> addresses, Clock::time_point now) {
  std::optional<std::string> name = normal_host_name(text);
  if (!name) return;
  std::lock_guard lock(mutex_);
  learned_.add(*name, addresses, now);
}

}  // namespace mayfly::net
