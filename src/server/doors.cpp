#include "server/doors.h"

#include "admin/metrics_text.h"

namespace mayfly::server {

namespace {

/// Before the name of its endpoint: to an heir it is not the same as one of clients.
constexpr std::string_view kAdmin = "admin ";

std::string admin_name(const std::string& endpoint) {
  return std::string(kAdmin) + endpoint;
}

}  // namespace

void Doors::open() {
  for (const http::Endpoint& endpoint : options_.listen) {
    listeners_.emplace_back(endpoint, options_.threads, inherited(endpoint.text));
  }
  if (!options_.admin) return;
  admin_.emplace(*options_.admin, admin_routes(), log_, inherited(admin_name(options_.admin->text)));
  log_.info("the admin interface is on {}", admin_->address());
}

void Doors::take_over() {
  if (options_.inheritance == nullptr) return;
  for (const std::string& name : options_.inheritance->names()) {
    log_.warn("the process before listened on {}, which is not listened on any more", name);
  }
  for (http::Listener& listener : listeners_) listener.own_file();
  if (admin_) admin_->listener().own_file();
  options_.inheritance->tell_ready();
}

void Doors::leave() {
  for (http::Listener& listener : listeners_) listener.leave_file();
  if (admin_) admin_->listener().leave_file();
  admin_.reset();
  close();
}

void Doors::close() {
  for (http::Listener& listener : listeners_) listener.close();
}

std::vector<NamedSockets> Doors::sockets() {
  std::vector<NamedSockets> sockets;
  for (const http::Listener& listener : listeners_) sockets.push_back({listener.name(), listener.descriptors()});
  if (admin_) sockets.push_back({admin_name(admin_->listener().name()), admin_->listener().descriptors()});
  return sockets;
}

std::vector<UniqueFd> Doors::inherited(const std::string& name) const {
  return options_.inheritance == nullptr ? std::vector<UniqueFd>() : options_.inheritance->take(name);
}

std::vector<std::string> Doors::addresses() const {
  std::vector<std::string> addresses = options_.reached_at;
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
