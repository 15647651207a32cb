// Asks event loops to come to an end, from any thread or signal handler.
#pragma once

#include <atomic>

#include "base/unique_fd.h"
#include "loop/clock.h"

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
  /// Of the first request, once there is one. Thread-safe.
  [[nodiscard]] loop::Clock::time_point requested_at() const noexcept {
    return loop::Clock::time_point(loop::Clock::duration(first_request_.load()));
  }

 private:
  UniqueFd event_;
  std::atomic<loop::Clock::rep> first_request_ = kNone;
  static constexpr loop::Clock::rep kNone = loop::Clock::time_point::max().time_since_epoch().count();
};

}  // namespace mayfly::http
