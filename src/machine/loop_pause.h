// Waits with a machine that has no worker: while it boots, warms up and is primed.
#pragma once

#include <functional>
#include <memory>

#include "machine/machine.h"

namespace mayfly::machine {

/// A Pause that lets an event loop take turns. Not thread-safe, not to be used within a turn of the loop.
class LoopPause {
 public:
  /// Ends early when one of the machine's connections is ready, whose on_ready it takes for its lifetime.
  /// @param loop that of the machine; outlives this, as the machine does
  /// @param stop_fd gives up once this is readable; -1 for none
  LoopPause(loop::EventLoop& loop, Machine& machine, int stop_fd = -1);
  ~LoopPause();
  LoopPause(const LoopPause&) = delete;
  LoopPause& operator=(const LoopPause&) = delete;

  /// @return true to give up
  [[nodiscard]] bool operator()(std::chrono::nanoseconds wait);

 private:
  class StopWatch;

  loop::EventLoop& loop_;
  Machine& machine_;
  loop::Timer timer_;
  std::unique_ptr<StopWatch> stop_watch_;
  bool over_ = false;
  bool stopped_ = false;
};

}  // namespace mayfly::machine
