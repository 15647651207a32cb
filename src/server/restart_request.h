// The request for a hot restart.
#pragma once

#include <sys/eventfd.h>

#include "base/error.h"
#include "base/unique_fd.h"

namespace mayfly::server {

/// Several that come before one is taken are one. Thread-safe.
class RestartRequest {
 public:
  /// Throws SystemError.
  RestartRequest() : event_(check(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd()")) {}
  void request() noexcept { static_cast<void>(::eventfd_write(event_.get(), 1)); }
  /// Readable while there is one.
  [[nodiscard]] int fd() const noexcept { return event_.get(); }
  /// @return whether there was one
  bool take() noexcept {
    eventfd_t count = 0;
    return ::eventfd_read(event_.get(), &count) == 0;
  }

 private:
  UniqueFd event_;
};

}  // namespace mayfly::server
