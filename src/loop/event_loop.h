// One thread's loop: descriptors, timers and tasks, in turn.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "base/unique_fd.h"
#include "loop/counter.h"
#include "loop/intrusive_list.h"
#include "loop/timer.h"

struct epoll_event;

namespace mayfly::loop {

/// Receives the epoll events of one descriptor.
class EventHandler {
 public:
  virtual ~EventHandler() = default;
  /// @param events EPOLL* bits. A handler that is destroyed in mid-turn must be forgotten: see EventLoop::forget.
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
  /// @param syscalls counts the loop's system calls; outlives it
  /// @param spin how long to look for events again and again before going to sleep, while that has been paying
  explicit EventLoop(Counter& syscalls, Clock::duration spin = {});

  /// Watches `fd` for `events` (EPOLL* bits, level-triggered unless they say otherwise) until `unwatch`.
  void watch(int fd, std::uint32_t events, EventHandler& handler);
  void rewatch(int fd, std::uint32_t events, EventHandler& handler);
  void unwatch(int fd);
  /// Delivers nothing more to a handler, not even what this turn has found already. Its descriptor has been closed or
  /// unwatched.
  void forget(const EventHandler& handler) noexcept;

  /// Queues a task; one that is queued already keeps its place.
  void post(Task& task);
  [[nodiscard]] TimerQueue& timers() noexcept { return timers_; }
  /// The time at which the loop last woke or was told that time has passed; cheaper than asking the clock.
  [[nodiscard]] Clock::time_point now() const noexcept { return now_; }
  void refresh_now() { now_ = Clock::now(); }
  /// Looks for events, before going to sleep, that found none.
  [[nodiscard]] const Counter& spins() const noexcept { return spins_; }

  /// Waits until something is due, then handles all events that are ready, all timers that are due, and one task. Only
  /// one, as a task may run a machine for a whole time slice: what arrived meanwhile gets its turn before the next.
  /// Handlers may unwatch themselves in a turn, but must be destroyed between turns, or be forgotten.
  void turn();

 private:
  void wait_and_dispatch();
  int wait(std::span<epoll_event> events);
  int spin(std::span<epoll_event> events, Clock::time_point until);
  int sleep(std::span<epoll_event> events, std::optional<Clock::time_point> until);

  Counter& syscalls_;
  Counter spins_;
  Clock::duration spin_;
  bool spin_pays_ = false;  ///< the last wait was shorter than `spin_`
  UniqueFd epoll_;
  TimerQueue timers_;
  IntrusiveList<Task> tasks_;
  std::span<epoll_event> undelivered_;  ///< of this turn
  Clock::time_point now_;
};

}  // namespace mayfly::loop
