// The process of one app: started, watched, and started again when it dies.
#pragma once

#include <spdlog/logger.h>
#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/passed_connection.h"
#include "loop/event_loop.h"
#include "loop/timer.h"
#include "supervisor/descriptor_watch.h"

namespace mayfly::supervisor {

/// What an app's process is started with.
struct AppSpec {
  std::string name;
  std::string settings;  ///< for AppLink::settings()
  unsigned threads = 1;  ///< that take connections, each on a way of its own
};

/// How any app's process is started: this program once more.
struct Launch {
  std::string executable;
  std::vector<std::string> environment;
  sigset_t signal_mask{};
};

/// Not thread-safe.
class AppProcess {
 public:
  /// All of it outlives the process.
  struct Services {
    loop::EventLoop& loop;
    spdlog::logger& log;
    const Launch& launch;
    std::function<void(AppProcess&)> on_ready;  ///< it serves, for the first time or once more
    /// The app's process has ended. It is started again, unless it was never ready or stop() was called.
    std::function<void(AppProcess&)> on_end;
    std::function<void(AppProcess&)> on_room;  ///< pass() may go better now
    /// As KeyKeeper::answer; empty if there is no TLS.
    std::function<std::string(std::string_view question)> answer_key{};
  };

  AppProcess(const Services& services, AppSpec spec);
  AppProcess(const AppProcess&) = delete;
  AppProcess& operator=(const AppProcess&) = delete;

  /// Throws Error if there can be no such process.
  void start();
  /// Passes a connection on, to the threads of the app in turn.
  [[nodiscard]] http::PassResult pass(int connection, bool tls);
  /// To the process, if it serves.
  void signal(int number) const;
  /// Asks the process to end, and starts none any more.
  void stop();
  void kill() const;

  [[nodiscard]] const std::string& name() const noexcept { return spec_.name; }
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  [[nodiscard]] bool is_running() const noexcept { return pid_ > 0; }
  [[nodiscard]] bool is_ready() const noexcept { return ready_; }
  /// Has served at any time.
  [[nodiscard]] bool was_ready() const noexcept { return was_ready_; }

 private:
  void hear();
  void answer_key();
  [[nodiscard]] int open_keys(std::vector<UniqueFd>& theirs);
  void reap();
  void start_again();

  const Services& services_;
  AppSpec spec_;
  pid_t pid_ = -1;
  std::unique_ptr<DescriptorWatch> control_;  ///< what the app says
  std::unique_ptr<DescriptorWatch> keys_;     ///< what the app asks of TLS's key; null if there is none
  std::unique_ptr<DescriptorWatch> process_;  ///< pidfd_open(2): readable when the process is over
  std::vector<std::unique_ptr<DescriptorWatch>> channels_;
  std::size_t next_channel_ = 0;
  loop::Timer restart_timer_;
  std::chrono::milliseconds backoff_;
  loop::Clock::time_point ready_at_;
  bool ready_ = false;
  bool was_ready_ = false;
  bool stopping_ = false;
};

}  // namespace mayfly::supervisor
