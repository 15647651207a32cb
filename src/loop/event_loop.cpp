#include "loop/event_loop.h"

#include <sched.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "base/error.h"

namespace mayfly::loop {

namespace {

constexpr int kEventsPerWait = 64;

timespec to_timespec(std::chrono::nanoseconds duration) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
  return {.tv_sec = seconds.count(), .tv_nsec = (duration - seconds).count()};
}

}  // namespace

EventLoop::EventLoop(Counter& syscalls, Clock::duration spin)
    : syscalls_(syscalls),
      spin_(spin),
      epoll_(check(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1()")),
      now_(Clock::now()) {}

void EventLoop::watch(int fd, std::uint32_t events, EventHandler& handler) {
  syscalls_.add();
  epoll_event event{.events = events, .data = {.ptr = &handler}};
  check(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event), "epoll_ctl(add fd {})", fd);
}

void EventLoop::rewatch(int fd, std::uint32_t events, EventHandler& handler) {
  syscalls_.add();
  epoll_event event{.events = events, .data = {.ptr = &handler}};
  check(::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event), "epoll_ctl(modify fd {})", fd);
}

void EventLoop::unwatch(int fd) {
  syscalls_.add();
  check(::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr), "epoll_ctl(delete fd {})", fd);
}

void EventLoop::forget(const EventHandler& handler) noexcept {
  for (epoll_event& event : undelivered_) {
    if (event.data.ptr == &handler) event.data.ptr = nullptr;
  }
}

void EventLoop::post(Task& task) {
  if (!task.linked()) tasks_.push_back(task);
}

void EventLoop::turn() {
  wait_and_dispatch();
  timers_.expire(now_);
  if (tasks_.empty()) return;
  Task& task = tasks_.front();
  task.unlink();
  task.work_();
}

void EventLoop::wait_and_dispatch() {
  std::array<epoll_event, kEventsPerWait> events;
  const int count = wait(events);
  refresh_now();
  undelivered_ = std::span(events).first(static_cast<std::size_t>(std::max(count, 0)));
  while (!undelivered_.empty()) {
    const epoll_event event = undelivered_.front();
    undelivered_ = undelivered_.subspan(1);
    if (event.data.ptr != nullptr) static_cast<EventHandler*>(event.data.ptr)->on_events(event.events);
  }
}

/// A processor that sleeps takes tens of microseconds to wake up: longer than a small request takes to answer. So a
/// loop whose waits have been short spins, and one whose waits have been long does not.
int EventLoop::wait(std::span<epoll_event> events) {
  if (!tasks_.empty()) return sleep(events, Clock::time_point{});
  const auto due = timers_.next();
  if (spin_ == Clock::duration::zero()) return sleep(events, due);
  const auto began = Clock::now();
  int count = 0;
  if (spin_pays_) count = spin(events, std::min(began + spin_, due.value_or(Clock::time_point::max())));
  if (count == 0) count = sleep(events, due);
  spin_pays_ = count > 0 && Clock::now() - began < spin_;
  return count;
}

/// @return events found before `until`, 0 if there were none
int EventLoop::spin(std::span<epoll_event> events, Clock::time_point until) {
  do {
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
    if (count > 0) {
      syscalls_.add();
      return count;
    }
    spins_.add();
    // Whoever is to send the next request may have to run on this very processor.
    ::sched_yield();
  } while (Clock::now() < until);
  return 0;
}

/// @param until time to come back at, past to look only once; none to wait for events alone
int EventLoop::sleep(std::span<epoll_event> events, std::optional<Clock::time_point> until) {
  timespec limit{};
  if (until) limit = to_timespec(std::max(*until - Clock::now(), Clock::duration::zero()));
  syscalls_.add();
  const int count =
      ::epoll_pwait2(epoll_.get(), events.data(), static_cast<int>(events.size()), until ? &limit : nullptr, nullptr);
  if (count < 0 && errno != EINTR) throw SystemError("epoll_pwait2()", errno);
  return count;
}

}  // namespace mayfly::loop
