// Which of several apps a request is for.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mayfly::supervisor {

/// What leads to one app. Both in the form of parse_host() and parse_path().
struct Route {
  std::string host;  ///< "example.com", "*.example.com", or "*" for any
  std::string path;  ///< "/api" for it and what is below; "/" for all
};

/// A host as users write it: a name, an address (of IPv6 in brackets), "*.NAME" for all names below one, "*" for any;
/// without a port. Throws Error, in words that follow the value.
/// @return in small letters
[[nodiscard]] std::string parse_host(std::string_view text);

/// A prefix of paths as users write it: from "/" on, a slash at the end makes no difference. Throws Error, in words
/// that follow the value.
/// @return without a slash at the end, but for "/" itself
[[nodiscard]] std::string parse_path(std::string_view text);

/// Built by one thread, then only read. Of several routes the one whose host is the most exact counts, of these the one
/// with the longest path.
class RoutingTable {
 public:
  /// Number of an app in the order of the configuration.
  using App = std::size_t;

  /// @return the app that has this very route already; nothing if it is new or the same app's
  std::optional<App> add(const Route& route, App app);

  /// @param host with or without a port, in any case; empty if the client named none @param target in origin-form or
  /// "*"
  /// @return nothing if the request is for no app
  [[nodiscard]] std::optional<App> find(std::string_view host, std::string_view target) const;
  /// Whether any route, of whatever path, is for that host.
  [[nodiscard]] bool knows_host(std::string_view host) const;
  /// For connections whose host cannot be told: the app that takes any host, else the first. They are checked request
  /// by request in that app's process.
  [[nodiscard]] App fallback() const;

 private:
  struct PathRoute {
    std::string path;
    App app;
  };
  using PathRoutes = std::vector<PathRoute>;  ///< the longest first

  /// Calls `visit` with the routes of one host pattern after the other, the most exact first, until it returns true.
  template <typename Visit>
  void for_each_match(std::string_view host, Visit visit) const;

  std::unordered_map<std::string, PathRoutes> hosts_;
};

}  // namespace mayfly::supervisor
