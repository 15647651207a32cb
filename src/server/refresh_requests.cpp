#include "server/refresh_requests.h"

#include <utility>

namespace mayfly::server {

void RefreshRequests::request(RefreshCause cause) {
  const std::lock_guard lock(mutex_);
  if (!wanted_) wanted_ = cause;
  changed_.notify_all();
}

void RefreshRequests::nudge() {
  const std::lock_guard lock(mutex_);
  nudged_ = true;
  changed_.notify_all();
}

void RefreshRequests::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

bool RefreshRequests::wait(std::optional<Clock::time_point> due) {
  std::unique_lock lock(mutex_);
  const auto news = [this] { return wanted_ || nudged_ || closed_; };
  if (!due) {
    changed_.wait(lock, news);
  } else if (!changed_.wait_until(lock, *due, news)) {
    wanted_ = RefreshCause::interval;
  }
  nudged_ = false;
  return !closed_;
}

std::optional<RefreshCause> RefreshRequests::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(wanted_, std::nullopt);
}

}  // namespace mayfly::server
