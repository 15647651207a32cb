// The admin interface: answers the operator's requests on a thread of its own.
#pragma once

#include <spdlog/logger.h>

#include <string>
#include <thread>
#include <vector>

#include "admin/routes.h"
#include "http/endpoint.h"
#include "http/listener.h"
#include "http/stop_signal.h"

namespace mayfly::admin {

/// Serves from construction to destruction. There are no passwords: whoever reaches the address may ask.
class Server {
 public:
  /// Throws Error if the endpoint cannot be had. Warns if more than this host can reach it.
  /// @param log outlives this @param inherited as in http::Listener
  Server(const http::Endpoint& endpoint, Routes routes, spdlog::logger& log, std::vector<UniqueFd> inherited = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] http::Listener& listener() noexcept { return listener_; }
  /// As http::Listener::address.
  [[nodiscard]] const std::string& address() const noexcept { return listener_.address(); }

 private:
  class Service;

  Routes routes_;
  spdlog::logger& log_;
  http::Listener listener_;
  http::StopSignal stop_;
  std::thread thread_;  // last: it uses what is above
};

}  // namespace mayfly::admin
