#include "http/stop_signal.h"

#include <poll.h>
#include <sys/eventfd.h>

#include "base/error.h"

namespace mayfly::http {

StopSignal::StopSignal() : event_(check(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd()")) {}

void StopSignal::request() noexcept {
  loop::Clock::rep none = kNone;
  first_request_.compare_exchange_strong(none, loop::Clock::now().time_since_epoch().count());
  static_cast<void>(::eventfd_write(event_.get(), 1));
}

bool StopSignal::requested() const noexcept {
  pollfd watched{event_.get(), POLLIN, 0};
  return ::poll(&watched, 1, 0) == 1;
}

}  // namespace mayfly::http
