#include "server/doors.h"

#include "admin/metrics_text.h"

namespace mayfly::server {

void Doors::open() {
  for (const http::Endpoint& endpoint : options_.listen) listeners_.emplace_back(endpoint, options_.threads);
  if (!options_.admin) return;
  admin_.emplace(*options_.admin, admin_routes(), log_);
  log_.info("the admin interface is on {}", admin_->address());
}

std::vector<std::string> Doors::addresses() const {
  std::vector<std::string> addresses;
  for (const http::Listener& listener : listeners_) {
    addresses.push_back((listener.tls() ? "tls:" : "") + listener.address());
  }
  return addresses;
}

std::vector<std::string> Doors::plain_addresses() const {
  std::vector<std::string> addresses;
  for (const http::Listener& listener : listeners_) {
    if (!listener.tls()) addresses.push_back(listener.address());
  }
  return addresses;
}

admin::Routes Doors::admin_routes() const {
  admin::Routes routes;
  routes.add("POST", "/refresh", [&control = control_] {
    control.refresh.request(RefreshCause::admin);
    return admin::Response{.status = 202, .body = "the snapshot is going to be refreshed\n"};
  });
  routes.add("GET", "/-/healthz", [] { return admin::Response{.body = "ok\n"}; });
  routes.add("GET", "/-/readyz", [&monitor = monitor_] {
    if (monitor.ready()) return admin::Response{.body = "ready\n"};
    return admin::Response{.status = 503, .body = "not ready: the program boots, or the server stops\n"};
  });
  routes.add("GET", "/-/metrics", [&monitor = monitor_] {
    return admin::Response{.body = monitor.metrics(), .content_type = std::string(admin::MetricsText::kContentType)};
  });
  return routes;
}

}  // namespace mayfly::server
