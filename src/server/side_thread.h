// A thread beside a worker, for work that its clients need not wait for.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include "base/unique_fd.h"
#include "loop/mailbox.h"

namespace mayfly::server {

/// Does one piece of work at a time. Used by the worker's thread.
class SideThread {
 public:
  using Work = std::function<void()>;

  /// System calls that one piece of work costs: the worker wakes the thread, which goes to sleep again.
  static constexpr unsigned kSyscallsPerWork = 2;

  /// Throws SystemError. @param on_done see watch(); called by the loop of `worker`
  SideThread(loop::Mailbox::Address worker, std::function<void()> on_done);
  /// Waits for the work under way.
  ~SideThread();
  SideThread(const SideThread&) = delete;
  SideThread& operator=(const SideThread&) = delete;

  /// Nothing was begun that take_done() has not told of.
  [[nodiscard]] bool is_idle() const { return state_.load(std::memory_order_relaxed) == State::idle; }
  /// Only while is_idle(). @param work must not throw
  void begin(Work work);
  /// Whether what was begun is over; says so once, and the thread is idle again. What the work has written can be read.
  [[nodiscard]] bool take_done();
  /// Has on_done called once the work is over, as soon as possible. @return false if there is none or it is over
  bool watch();
  /// Returns when no work is under way.
  void wait() const;

 private:
  enum class State { idle, busy, watched, done };

  void run();

  loop::Mailbox::Address worker_;
  std::function<void()> on_done_;
  UniqueFd wake_;  ///< eventfd
  Work work_;      ///< the worker's while idle or done, else the thread's; empty: the thread is to end
  std::atomic<State> state_{State::idle};
  std::thread thread_;  // last: it uses what is above
};

}  // namespace mayfly::server
