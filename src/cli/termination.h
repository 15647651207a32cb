// Ctrl-C and SIGTERM as a file descriptor.
#pragma once

#include <csignal>

#include "base/unique_fd.h"

namespace mayfly::cli {

/// Holds SIGINT and SIGTERM back from the process and offers them through a signalfd(2). To be made before any other
/// thread, which then inherits the blocked signals. One per process. Whoever starts another program undoes the blocking
/// there.
class Termination {
 public:
  /// Throws SystemError.
  Termination();
  ~Termination();
  Termination(const Termination&) = delete;
  Termination& operator=(const Termination&) = delete;

  /// Readable once a signal is there; for poll(2) and the like.
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  /// Waits for the first signal and takes it. From then on the next one ends the process at once, the usual way, as
  /// long as the calling thread lives: it is the one that the signal is delivered to.
  /// @return the signal's number
  [[nodiscard]] int wait();

 private:
  sigset_t before_{};
  UniqueFd fd_;
};

}  // namespace mayfly::cli
