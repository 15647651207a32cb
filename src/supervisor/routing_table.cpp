#include "supervisor/routing_table.h"

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "http/header.h"

namespace mayfly::supervisor {
namespace {

constexpr std::string_view kAnyHost = "*";
constexpr std::string_view kBelow = "*.";
/// Of a domain name (RFC 1035 section 2.3.4). It also bounds how many patterns a hostile Host is compared with.
constexpr std::size_t kMaxHostBytes = 253;

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

/// Without the port, and without the dot that may end a full name.
std::string_view name_of(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  host = host.substr(0, host.find(':'));
  if (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

std::string_view path_of(std::string_view target) {
  if (!target.starts_with('/')) return "/";
  return target.substr(0, target.find('?'));
}

/// At a segment's border: /api is no prefix of /apis.
bool is_prefix(std::string_view prefix, std::string_view path) {
  if (prefix == "/") return true;
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

}  // namespace

std::string parse_host(std::string_view text) {
  if (text == kAnyHost) return std::string(text);
  const std::string_view name = text.starts_with(kBelow) ? text.substr(kBelow.size()) : text;
  if (name.empty() || name.size() > kMaxHostBytes || name != name_of(name) || !http::is_host_and_port(name)) {
    throw Error("is no host: a name, an address, *.NAME or * is wanted, without a port");
  }
  return lower_case(text);
}

std::string parse_path(std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (!text.starts_with('/') || !plain || text.find_first_of("?#") != std::string_view::npos) {
    throw Error("is no prefix of paths: it begins with '/' and has neither '?' nor '#' nor blanks");
  }
  while (text.size() > 1 && text.ends_with('/')) text.remove_suffix(1);
  return std::string(text);
}

std::optional<RoutingTable::App> RoutingTable::add(const Route& route, App app) {
  PathRoutes& routes = hosts_[route.host];
  const auto same = std::ranges::find(routes, route.path, &PathRoute::path);
  if (same != routes.end()) return same->app == app ? std::nullopt : std::optional(same->app);
  const auto shorter =
      std::ranges::find_if(routes, [&](const PathRoute& one) { return one.path.size() < route.path.size(); });
  routes.insert(shorter, {route.path, app});
  return std::nullopt;
}

template <typename Visit>
void RoutingTable::for_each_match(std::string_view host, Visit visit) const {
  const auto visit_pattern = [&](const std::string& pattern) {
    const auto found = hosts_.find(pattern);
    return found != hosts_.end() && visit(found->second);
  };
  const std::string name = lower_case(name_of(host).substr(0, kMaxHostBytes + 1));
  if (!name.empty() && name.size() <= kMaxHostBytes) {
    if (visit_pattern(name)) return;
    const bool is_address = name.starts_with('[');
    for (std::size_t dot = name.find('.'); dot != std::string::npos && !is_address; dot = name.find('.', dot + 1)) {
      if (visit_pattern(std::string(kBelow) + name.substr(dot + 1))) return;
    }
  }
  visit_pattern(std::string(kAnyHost));
}

std::optional<RoutingTable::App> RoutingTable::find(std::string_view host, std::string_view target) const {
  const std::string_view path = path_of(target);
  std::optional<App> app;
  for_each_match(host, [&](const PathRoutes& routes) {
    const auto match = std::ranges::find_if(routes, [&](const PathRoute& one) { return is_prefix(one.path, path); });
    if (match != routes.end()) app = match->app;
    return app.has_value();
  });
  return app;
}

bool RoutingTable::knows_host(std::string_view host) const {
  bool known = false;
  for_each_match(host, [&](const PathRoutes& /*routes*/) { return known = true; });
  return known;
}

RoutingTable::App RoutingTable::fallback() const {
  const auto any = hosts_.find(std::string(kAnyHost));
  return any == hosts_.end() ? 0 : any->second.back().app;
}

}  // namespace mayfly::supervisor
