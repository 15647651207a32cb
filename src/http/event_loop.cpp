#include "http/event_loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "base/error.h"

namespace mayfly::http {

namespace {

constexpr int kEventsPerWait = 64;

timespec to_timespec(std::chrono::nanoseconds duration) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
  return {.tv_sec = seconds.count(), .tv_nsec = (duration - seconds).count()};
}

}  // namespace

EventLoop::EventLoop(Stats& stats)
    : stats_(stats), epoll_(check(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1()")), now_(Clock::now()) {}

void EventLoop::watch(int fd, std::uint32_t events, EventHandler& handler) {
  stats_.client_syscalls.add();
  epoll_event event{.events = events, .data = {.ptr = &handler}};
  check(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event), "epoll_ctl(add fd {})", fd);
}

void EventLoop::rewatch(int fd, std::uint32_t events, EventHandler& handler) {
  stats_.client_syscalls.add();
  epoll_event event{.events = events, .data = {.ptr = &handler}};
  check(::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event), "epoll_ctl(modify fd {})", fd);
}

void EventLoop::unwatch(int fd) {
  stats_.client_syscalls.add();
  check(::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr), "epoll_ctl(delete fd {})", fd);
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
  timespec limit{};
  const timespec* timeout = &limit;
  if (tasks_.empty()) {
    if (const auto due = timers_.next()) {
      limit = to_timespec(std::max(*due - Clock::now(), Clock::duration::zero()));
    } else {
      timeout = nullptr;
    }
  }
  std::array<epoll_event, kEventsPerWait> events;
  stats_.client_syscalls.add();
  const int count = ::epoll_pwait2(epoll_.get(), events.data(), kEventsPerWait, timeout, nullptr);
  if (count < 0 && errno != EINTR) throw SystemError("epoll_pwait2()", errno);
  refresh_now();
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    static_cast<EventHandler*>(event.data.ptr)->on_events(event.events);
  }
}

}  // namespace mayfly::http
