// Wakes a thread that polls.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

#include "base/error.h"
#include "base/unique_fd.h"

namespace mayfly::server {

/// Raised by any thread, any number of times, before one takes it. Throws SystemError where it is made only.
class EventSignal {
 public:
  EventSignal() : event_(check(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd()")) {}

  /// Thread-safe, never blocks.
  void raise() noexcept {
    const std::uint64_t one = 1;
    // It fails only where it has been raised often already.
    [[maybe_unused]] const ssize_t written = ::write(event_.get(), &one, sizeof one);
  }
  /// @return whether it was raised since the last time
  bool take() noexcept {
    std::uint64_t count = 0;
    return ::read(event_.get(), &count, sizeof count) == static_cast<ssize_t>(sizeof count);
  }
  /// Readable while raised.
  [[nodiscard]] int fd() const noexcept { return event_.get(); }

 private:
  UniqueFd event_;
};

}  // namespace mayfly::server
