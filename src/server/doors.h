// Where clients and the operator come in.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "admin/server.h"
#include "http/listener.h"
#include "server/monitor.h"
#include "server/server.h"

namespace mayfly::server {

/// Used by one thread.
class Doors {
 public:
  /// All outlive this.
  Doors(const ServerOptions& options, ServerControl& control, const Monitor& monitor, spdlog::logger& log)
      : options_(options), control_(control), monitor_(monitor), log_(log) {}

  /// Throws Error if an address cannot be had.
  void open();
  /// This process serves: what it has inherited is its own now.
  void take_over();
  /// Another process serves with the same sockets.
  void leave();
  /// No new client comes in once the workers have closed theirs.
  void close();
  [[nodiscard]] std::vector<NamedSockets> sockets();
  [[nodiscard]] std::vector<http::Listener>& listeners() { return listeners_; }
  /// "tls:" is before those with TLS.
  [[nodiscard]] std::vector<std::string> addresses() const;
  /// Where programs reach their own server without going through the network: they would have to speak TLS elsewhere.
  [[nodiscard]] std::vector<std::string> plain_addresses() const;

 private:
  [[nodiscard]] admin::Routes admin_routes() const;
  [[nodiscard]] std::vector<UniqueFd> inherited(const std::string& name) const;

  const ServerOptions& options_;
  ServerControl& control_;
  const Monitor& monitor_;
  spdlog::logger& log_;
  std::vector<http::Listener> listeners_;
  std::optional<admin::Server> admin_;
};

}  // namespace mayfly::server
