// Ctrl-C, SIGTERM, SIGHUP, SIGUSR1 and SIGUSR2 as a file descriptor.
#pragma once

#include <csignal>

#include "base/unique_fd.h"

namespace mayfly::cli {

/// Holds SIGINT, SIGTERM, SIGHUP, SIGUSR1 and SIGUSR2 back from the process and offers them through a signalfd(2). To
/// be made before any other thread, which then inherits the blocked signals. One per process. Whoever starts another
/// program undoes the blocking there.
class Termination {
 public:
  /// A signal that was taken.
  struct Taken {
    int number = 0;
    /// The terminal of the process is gone: sent by the kernel (si_code is SI_KERNEL, sigaction(2)), as opposed to a
    /// SIGHUP from another process.
    bool hang_up = false;
  };

  /// Throws SystemError.
  Termination();
  /// What was not taken ends the process now, except SIGHUP, SIGUSR1 and SIGUSR2.
  ~Termination();
  Termination(const Termination&) = delete;
  Termination& operator=(const Termination&) = delete;

  /// Readable once a signal is there; for poll(2) and the like.
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  /// Waits for a signal and takes it.
  [[nodiscard]] Taken take();
  /// From now on the next SIGINT or SIGTERM ends the process at once, the usual way, as long as the calling thread
  /// lives: it is the one that the signal is delivered to.
  void let_through();
  /// SIGHUP was ignored when this was made, as nohup(1) does.
  [[nodiscard]] bool ignores_hang_up() const noexcept { return ignores_hang_up_; }

 private:
  sigset_t before_{};
  UniqueFd fd_;
  bool ignores_hang_up_ = false;
};

}  // namespace mayfly::cli
