// Several apps, each in a process of its own, behind one entrance.
#pragma once

#include <spdlog/logger.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "admin/server.h"
#include "supervisor/app_process.h"
#include "supervisor/entrance.h"
#include "supervisor/key_keeper.h"

namespace mayfly::supervisor {

struct SupervisorOptions {
  std::vector<http::Endpoint> listen;
  std::optional<http::Endpoint> admin;  ///< none: no admin interface
  http::Options http;                   ///< limits and timeouts for what comes before an app has the connection
  std::optional<http::TlsFiles> tls;    ///< none: no listener has TLS
  std::vector<AppSpec> apps;            ///< RoutingTable::App is the place in it
  RoutingTable routes;
  Launch launch;
};

/// Owns the listening sockets and the apps' processes. Used by one thread, on whose end the apps' processes end, too.
class Supervisor {
 public:
  using OnStart = std::function<void()>;

  /// Opens the listening sockets and reads the key. Throws Error if one cannot be had. All references outlive this.
  /// @param on_start called when all apps serve, before clients are accepted
  Supervisor(loop::EventLoop& loop, spdlog::logger& log, const SupervisorOptions& options, OnStart on_start);

  /// Starts the apps, and serves until stop() and the end of all. Throws Error if an app cannot be started.
  /// @return whether all apps came to serve
  bool run();
  /// Takes no clients any more, asks the apps to end, and kills those that do not within their time. From a call of the
  /// loop.
  void stop();
  /// Passes a signal on to the apps that serve. With SIGHUP, reads the certificate again before.
  void signal(int number);

  [[nodiscard]] std::vector<std::string> addresses() const { return entrance_.addresses(); }
  [[nodiscard]] const std::vector<std::unique_ptr<AppProcess>>& apps() const noexcept { return apps_; }

 private:
  void note_ready();
  void note_end(AppProcess& app);
  [[nodiscard]] bool is_over() const;
  [[nodiscard]] bool all_ready() const;
  void open_admin();
  [[nodiscard]] RoutingTable::App number_of(const AppProcess& app) const;

  loop::EventLoop& loop_;
  spdlog::logger& log_;
  const SupervisorOptions& options_;
  OnStart on_start_;
  Entrance entrance_;
  std::optional<KeyKeeper> keys_;
  AppProcess::Services services_;
  std::vector<std::unique_ptr<AppProcess>> apps_;
  loop::Timer kill_timer_;
  std::atomic<bool> ready_ = false;
  bool started_ = false;
  bool failed_ = false;
  bool stopping_ = false;
  std::optional<admin::Server> admin_;  // last: its thread uses what is above
};

}  // namespace mayfly::supervisor
