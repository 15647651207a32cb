// One-shot timers of an event loop.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "loop/clock.h"

namespace mayfly::loop {

class TimerQueue;

/// Calls back once when its time has come. Owned by whoever waits; its queue must outlive it. Not thread-safe.
class Timer {
 public:
  Timer(TimerQueue& queue, std::function<void()> on_expiry) : queue_(queue), on_expiry_(std::move(on_expiry)) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer();

  /// Sets the timer, in place of any earlier time.
  void arm(Clock::time_point due);
  void disarm() noexcept { due_ = Clock::time_point::max(); }

 private:
  friend class TimerQueue;
  static constexpr std::size_t kAbsent = ~std::size_t{0};

  TimerQueue& queue_;
  std::function<void()> on_expiry_;
  Clock::time_point due_ = Clock::time_point::max();
  Clock::time_point key_ = Clock::time_point::max();  ///< where the heap has it: never later than `due_`
  std::size_t index_ = kAbsent;
};

/// Binary heap of timers. Moving a timer to a later time, which every kept-alive request does, only stores that time:
/// the heap finds out when the old one comes.
class TimerQueue {
 public:
  /// When to call `expire` next; it may come early.
  [[nodiscard]] std::optional<Clock::time_point> next() const;
  /// Calls back every timer due by `now`. Callbacks may arm, disarm and destroy timers.
  void expire(Clock::time_point now);

 private:
  friend class Timer;

  void insert(Timer& timer);
  void remove(Timer& timer) noexcept;
  void sift_up(std::size_t index) noexcept;
  void sift_down(std::size_t index) noexcept;
  void place(std::size_t index, Timer* timer) noexcept;

  std::vector<Timer*> heap_;
};

}  // namespace mayfly::loop
