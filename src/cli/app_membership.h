// What makes an app's process one of several.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "http/request_parser.h"
#include "http/tls.h"
#include "supervisor/app_link.h"
#include "supervisor/routing_table.h"

namespace mayfly::cli {

/// Read-only once made: thread-safe then.
struct AppMembership {
  supervisor::AppLink link;
  supervisor::RoutingTable routes;
  supervisor::RoutingTable::App number = 0;  ///< of this app
  std::shared_ptr<http::TlsContext> tls;     ///< null: nobody comes by TLS
  std::vector<std::string> reached_at;       ///< its hosts and paths, for the log

  /// Whether a request is for this app.
  [[nodiscard]] bool includes(const http::RequestHead& head) const {
    return routes.find(head.host, head.target) == number;
  }
};

}  // namespace mayfly::cli
