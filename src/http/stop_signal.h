// Asks event loops to come to an end, from any thread or signal handler.
#pragma once

#include "base/unique_fd.h"

namespace mayfly::http {

/// Once requested, it stays. One may serve all workers of a process.
class StopSignal {
 public:
  StopSignal();
  /// Thread-safe and async-signal-safe.
  void request() noexcept;
  /// Readable once requested; not to be read.
  [[nodiscard]] int fd() const noexcept { return event_.get(); }
  /// Thread-safe.
  [[nodiscard]] bool requested() const noexcept;

 private:
  UniqueFd event_;
};

}  // namespace mayfly::http
