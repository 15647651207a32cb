// Signals turned into requests to the server.
#pragma once

#include <atomic>
#include <thread>

#include "cli/termination.h"
#include "server/control.h"

namespace mayfly::cli {

/// Watches from construction to destruction, on a thread of its own. The first SIGINT or SIGTERM asks to stop; so does
/// a SIGHUP until the program is served, and always the one that says that the terminal is gone. From then on SIGHUP
/// asks for a refresh, and SIGUSR2, which means nothing before, for a hot restart. SIGUSR1 has the access log opened
/// anew. To be made before any other thread.
class SignalWatch {
 public:
  /// @param control outlives this
  explicit SignalWatch(server::ServerControl& control);
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  /// Thread-safe.
  void begin_serving() { serving_ = true; }
  /// The signal that asked to stop, 0 before there was one. Thread-safe.
  [[nodiscard]] int signal() const { return signal_; }

 private:
  void watch();
  [[nodiscard]] bool is_to_stop(const Termination::Taken& taken) const;

  server::ServerControl& control_;
  Termination termination_;  // before the thread, which inherits the blocked signals
  http::StopSignal done_;
  std::atomic<bool> serving_ = false;
  std::atomic<int> signal_ = 0;
  std::thread thread_;
};

}  // namespace mayfly::cli
