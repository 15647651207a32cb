// Turns the request to stop into a call from an event loop.
#pragma once

#include <sys/epoll.h>

#include <functional>
#include <utility>

#include "http/stop_signal.h"
#include "loop/event_loop.h"

namespace mayfly::http {

/// Used by the loop's thread only.
class StopWatch final : public loop::EventHandler {
 public:
  /// @param loop, stop outlive this
  StopWatch(loop::EventLoop& loop, const StopSignal& stop, std::function<void()> on_stop)
      : loop_(loop), fd_(stop.fd()), on_stop_(std::move(on_stop)) {
    loop_.watch(fd_, EPOLLIN | EPOLLET, *this);
  }
  ~StopWatch() override { loop_.unwatch(fd_); }
  void on_events(std::uint32_t /*events*/) override { on_stop_(); }

 private:
  loop::EventLoop& loop_;
  int fd_;
  std::function<void()> on_stop_;
};

}  // namespace mayfly::http
