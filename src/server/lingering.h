// What a machine still does once its request is answered.
#pragma once

#include <functional>

#include "loop/event_loop.h"
#include "machine/machine.h"

namespace mayfly::server {

/// Lets a machine go on, one time slice in each turn of the loop, until it is idle: nothing in it is runnable, none of
/// its timers is due before its time is over, and nothing is under way on its connections to the outside. Used again
/// for the next request. Not thread-safe: for the thread of the loop.
class Lingering {
 public:
  using Clock = loop::Clock;

  /// How it ended.
  enum class End {
    idle,    ///< all is done
    ended,   ///< the program crashed, exited or went over a limit; its listener has heard
    failed,  ///< KVM or the host did, see failure()
    cut,     ///< its time is over
  };

  /// @param on_over called once for each begin(), from the loop or from cut(). @param loop, runner outlive this
  Lingering(loop::EventLoop& loop, vm::SliceTimer::Runner& runner, std::function<void(End)> on_over);
  ~Lingering();
  Lingering(const Lingering&) = delete;
  Lingering& operator=(const Lingering&) = delete;

  /// Only while it is not active. @param machine outlives this, or the end of the time
  /// @param runnable its last run ended with its time slice
  /// @return false if it is idle already; then it has not begun
  [[nodiscard]] bool begin(machine::Machine& machine, bool runnable, Clock::duration time);
  [[nodiscard]] bool is_active() const noexcept { return machine_ != nullptr; }
  /// Ends it at once, if it is active.
  void cut();
  /// What went wrong; valid in on_over.
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

 private:
  void step();
  void run();
  void wait_or_end();
  [[nodiscard]] bool is_under_way_outside(Clock::time_point now) const;
  [[nodiscard]] bool is_due(Clock::time_point time) const;
  void end(End how);

  loop::EventLoop& loop_;
  vm::SliceTimer::Runner& runner_;
  std::function<void(End)> on_over_;
  loop::Task step_;
  loop::Timer timer_;
  machine::Machine* machine_ = nullptr;  ///< null: not active
  Clock::time_point deadline_;
  bool ready_ = false;  ///< it is to run, whatever it waits for
  std::string failure_;
};

}  // namespace mayfly::server
