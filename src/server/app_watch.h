// Asks for a refresh when the files of an app change: --watch.
#pragma once

#include <spdlog/logger.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "host/path_listener.h"
#include "http/stop_signal.h"
#include "server/watched_paths.h"

namespace mayfly::server {

/// Watches what of the app's files a program looks at before it is frozen: what it looks at later, each request finds
/// as it is. Thread-safe, but for begin_start().
class AppWatch {
 public:
  using Clock = std::chrono::steady_clock;

  /// Changes come in bursts: a refresh is asked for once they have ceased for so long,
  static constexpr std::chrono::milliseconds kQuiet{100};
  /// or have gone on for so long.
  static constexpr std::chrono::milliseconds kLongestBurst{2'000};

  /// Throws SystemError.
  /// @param files absolute paths of files and folders that make up the app
  /// @param on_change called on a thread of its own when there has been a change. Outlives this, as `log` does
  AppWatch(std::vector<std::string> files, std::function<void()> on_change, spdlog::logger& log);
  ~AppWatch();
  AppWatch(const AppWatch&) = delete;
  AppWatch& operator=(const AppWatch&) = delete;

  /// A program is about to start, whose files from now on matter, instead of those of the start before. One at a time.
  /// @return to be told what it looks at; valid as long as this
  [[nodiscard]] std::shared_ptr<host::PathListener> begin_start();

 private:
  class Listener;

  [[nodiscard]] bool is_of_app(std::string_view path) const;
  void complain(std::string_view path, int error);
  void run();
  /// Waits for changes, the end of a burst, or the end. @return false at the end
  [[nodiscard]] bool wait() const;
  void note(const WatchedPaths::Changes& changes);

  const std::vector<std::string> files_;
  const std::function<void()> on_change_;
  spdlog::logger& log_;
  WatchedPaths paths_;
  std::shared_ptr<Listener> listener_;
  std::atomic<bool> complained_ = false;
  http::StopSignal done_;
  // The thread's:
  std::string first_change_;
  unsigned changes_ = 0;
  Clock::time_point burst_began_, last_change_;
  std::thread thread_;  // last: it uses what is above
};

}  // namespace mayfly::server
