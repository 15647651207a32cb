#include "http/client_pace.h"

#include <algorithm>
#include <utility>

namespace mayfly::http {

void ClientPace::begin() noexcept {
  debt_ = {};
  paid_bytes_ = 0;
  waits_ = false;
}

void ClientPace::wait(TimePoint now, std::uint64_t moved_bytes) noexcept {
  if (std::exchange(waits_, true)) return;
  pay(moved_bytes);
  since_ = now;
}

void ClientPace::go_on(TimePoint now, std::uint64_t moved_bytes) noexcept {
  if (!std::exchange(waits_, false)) return;
  debt_ += now - since_;
  pay(moved_bytes);
}

void ClientPace::pay(std::uint64_t moved_bytes) noexcept {
  const std::uint64_t bytes = moved_bytes - std::exchange(paid_bytes_, moved_bytes);
  // Seconds first: no number of bytes leads to an overflow then.
  const std::chrono::seconds whole(bytes / bytes_per_second_);
  const std::chrono::nanoseconds rest(bytes % bytes_per_second_ * 1'000'000'000 / bytes_per_second_);
  debt_ -= std::min<Duration>(debt_, whole + rest);
}

}  // namespace mayfly::http
