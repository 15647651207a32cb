// How long a machine has waited for its client, and whether that is too long for others who wait for the machine.
#pragma once

#include <chrono>
#include <cstdint>

#include "loop/clock.h"

namespace mayfly::http {

/// The account of one request: while its machine waits for the client, the client runs into debt, of time; bytes that
/// it sends or takes pay that back, but nothing in advance. Knows no clock. Not thread-safe.
class ClientPace {
 public:
  using TimePoint = loop::Clock::time_point;
  using Duration = loop::Clock::duration;

  /// @param grace debt that each request may have @param bytes_per_second that pay for a second, 1 or more
  ClientPace(Duration grace, std::uint64_t bytes_per_second) : grace_(grace), bytes_per_second_(bytes_per_second) {}

  /// A new request.
  void begin() noexcept;
  /// Its machine waits for the client. May be said again.
  /// @param moved_bytes of the request so far, in both directions; likewise below
  void wait(TimePoint now, std::uint64_t moved_bytes) noexcept;
  /// Its machine goes on.
  void go_on(TimePoint now, std::uint64_t moved_bytes) noexcept;
  [[nodiscard]] bool waits() const noexcept { return waits_; }
  /// From when on the client is too slow if nothing more moves. While the machine waits.
  [[nodiscard]] TimePoint due() const noexcept { return since_ + (grace_ - debt_); }

 private:
  void pay(std::uint64_t moved_bytes) noexcept;

  Duration grace_;
  std::uint64_t bytes_per_second_;
  Duration debt_{};  ///< before `since_`
  std::uint64_t paid_bytes_ = 0;
  TimePoint since_;
  bool waits_ = false;
};

}  // namespace mayfly::http
