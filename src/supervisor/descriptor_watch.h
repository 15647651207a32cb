// Turns a descriptor's events into calls.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "base/unique_fd.h"
#include "loop/event_loop.h"

namespace mayfly::supervisor {

/// Owns a descriptor and watches it for as long as it lives. May be destroyed by its own call. Not thread-safe.
class DescriptorWatch final : public loop::EventHandler {
 public:
  /// @param loop outlives this @param events EPOLL* bits
  DescriptorWatch(loop::EventLoop& loop, UniqueFd fd, std::uint32_t events, std::function<void()> on_events)
      : loop_(loop), fd_(std::move(fd)), on_events_(std::move(on_events)) {
    loop_.watch(fd_.get(), events, *this);
  }
  ~DescriptorWatch() override {
    loop_.unwatch(fd_.get());
    loop_.forget(*this);
  }
  DescriptorWatch(const DescriptorWatch&) = delete;
  DescriptorWatch& operator=(const DescriptorWatch&) = delete;

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  void on_events(std::uint32_t /*events*/) override {
    const std::function<void()> call = on_events_;  // it may destroy this
    call();
  }

 private:
  loop::EventLoop& loop_;
  UniqueFd fd_;
  std::function<void()> on_events_;
};

}  // namespace mayfly::supervisor
