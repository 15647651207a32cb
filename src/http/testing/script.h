// A coroutine that plays a program: it yields whenever the real one's machine would stop.
#pragma once

#include <coroutine>
#include <exception>
#include <utility>

#include "http/upstream.h"

namespace mayfly::http::testing {

class Script {
 public:
  struct promise_type {
    Progress progress = Progress::waiting;

    Script get_return_object() { return Script(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(Progress value) noexcept {
      progress = value;
      return {};
    }
    void return_void() noexcept {}
    [[noreturn]] void unhandled_exception() { std::terminate(); }
  };

  Script(Script&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;
  Script& operator=(Script&&) = delete;
  ~Script() {
    if (handle_) handle_.destroy();
  }

  /// Goes on to the next yield. Must not be called when `done`.
  Progress resume() {
    handle_.resume();
    return handle_.promise().progress;
  }
  [[nodiscard]] bool done() const { return handle_.done(); }

 private:
  explicit Script(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

}  // namespace mayfly::http::testing
