// One thread's loop: descriptors, timers and tasks, in turn.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "base/unique_fd.h"
#include "http/intrusive_list.h"
#include "http/stats.h"
#include "http/timer.h"

struct epoll_event;

namespace mayfly::http {

/// Receives the epoll events of one descriptor.
class EventHandler {
 public:
  virtual ~EventHandler() = default;
  /// @param events EPOLL* bits. The handler must stay alive until the loop's turn is over: see EventLoop::turn.
  virtual void on_events(std::uint32_t events) = 0;
};

/// Work to be done soon, after the events that are pending now. Owned by whoever posts it; leaves the loop's queue when
/// it is destroyed.
class Task : public ListLink {
 public:
  explicit Task(std::function<void()> work) : work_(std::move(work)) {}

 private:
  friend class EventLoop;
  std::function<void()> work_;
};

/// Waits with epoll and calls what is due. Used by one thread only, holds no global state.
class EventLoop {
 public:
  /// @param stats where system calls are counted; outlives the loop
  /// @param spin how long to look for events again and again before going to sleep, while that has been paying
  explicit EventLoop(Stats& stats, Clock::duration spin = {});

  /// Watches `fd` for `events` (EPOLL* bits, level-triggered unless they say otherwise) until `unwatch`.
  void watch(int fd, std::uint32_t events, EventHandler& handler);
  void rewatch(int fd, std::uint32_t events, EventHandler& handler);
  void unwatch(int fd);

  /// Queues a task; one that is queued already keeps its place.
  void post(Task& task);
  [[nodiscard]] TimerQueue& timers() noexcept { return timers_; }
  /// The time at which the loop last woke or was told that time has passed; cheaper than asking the clock.
  [[nodiscard]] Clock::time_point now() const noexcept { return now_; }
  void refresh_now() { now_ = Clock::now(); }

  /// Waits until something is due, then handles all events that are ready, all timers that are due, and one task. Only
  /// one, as a task may run a machine for a whole time slice: what arrived meanwhile gets its turn before the next.
  /// Handlers may unwatch themselves in a turn, but must be destroyed between turns.
  void turn();

 private:
  void wait_and_dispatch();
  int wait(std::span<epoll_event> events);
  int spin(std::span<epoll_event> events, Clock::time_point until);
  int sleep(std::span<epoll_event> events, std::optional<Clock::time_point> until);

  Stats& stats_;
  Clock::duration spin_;
  bool spin_pays_ = false;  ///< the last wait was shorter than `spin_`
  UniqueFd epoll_;
  TimerQueue timers_;
  IntrusiveList<Task> tasks_;
  Clock::time_point now_;
};

}  // namespace mayfly::http
