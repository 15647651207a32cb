#include "http/stop_signal.h"

#include <sys/eventfd.h>

#include "base/error.h"

namespace mayfly::http {

StopSignal::StopSignal() : event_(check(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd()")) {}

void StopSignal::request() noexcept {
  static_cast<void>(::eventfd_write(event_.get(), 1));
}

}  // namespace mayfly::http
