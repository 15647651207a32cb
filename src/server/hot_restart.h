// SIGUSR2: hands the listening sockets over to a new process without refusing a client.
#pragma once

#include <spdlog/logger.h>

#include <functional>
#include <optional>
#include <vector>

#include "server/control.h"
#include "server/successor.h"

namespace mayfly::server {

/// Starts a successor when `control.restart` is requested, one at a time, until one serves. Not thread-safe.
class HotRestart {
 public:
  /// What is handed over, as it is then.
  using Sockets = std::function<std::vector<NamedSockets>()>;

  /// All outlives this. @param command nothing: requests are passed over
  HotRestart(const std::optional<RestartCommand>& command, ServerControl& control, spdlog::logger& log, Sockets sockets)
      : command_(command), control_(control), log_(log), sockets_(std::move(sockets)) {}

  /// Waits until the server is asked to stop, or a successor serves. A stop takes a successor that does not serve yet
  /// with it. @return whether one serves
  [[nodiscard]] bool wait();

 private:
  void wait_for_news() const;
  void start();
  /// @return whether it serves
  bool judge();

  const std::optional<RestartCommand>& command_;
  ServerControl& control_;
  spdlog::logger& log_;
  Sockets sockets_;
  std::optional<Successor> successor_;
};

}  // namespace mayfly::server
