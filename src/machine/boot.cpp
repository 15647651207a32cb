#include "machine/boot.h"

#include <algorithm>

namespace mayfly::machine {
namespace {

/// A timer that is due sooner keeps a program from counting as idle.
constexpr u64 kSoonNs = 100'000'000;

/// How much more of the guest's time may be jumped over.
class SkipBudget {
 public:
  explicit SkipBudget(std::chrono::nanoseconds budget) : left_ns_(static_cast<u64>(budget.count())) {}
  /// Jumps to the machine's next timer. @return false if there is none or it lies beyond the budget
  bool skip_to_timer(Machine& machine) {
    std::optional<u64> due = machine.timer_due_in_ns();
    if (!due || *due > left_ns_) return false;
    // A timer that is overdue still costs something, or a program that keeps arming such timers would never be idle.
    left_ns_ -= std::max<u64>(*due, std::min<u64>(left_ns_, 1000));
    machine.skip_time(*due);
    return left_ns_ > 0;
  }

 private:
  u64 left_ns_;
};

}  // namespace

BootResult boot(Machine& machine, vm::SliceTimer::Runner& runner, const BootOptions& options, const Pause& pause) {
  auto deadline = options.timeout ? HostClock::now() + *options.timeout : HostClock::time_point::max();
  SkipBudget budget(options.idle_skip);
  std::chrono::nanoseconds wait{0};
  for (;;) {
    if (HostClock::now() > deadline || pause(wait)) return {BootResult::Kind::timeout, 0};
    wait = std::chrono::nanoseconds(0);
    switch (machine.run(&runner)) {
      case RunState::ended:
        return {BootResult::Kind::ended, 0};
      case RunState::yielded:
        continue;
      case RunState::waiting:
        break;
    }
    std::vector<u16> ports;
    if (options.until_listening) ports = machine.listening_ports();
    if ((options.skip_before_listening || !ports.empty()) && budget.skip_to_timer(machine)) continue;
    if (!ports.empty()) return {BootResult::Kind::listening, ports.front()};
    std::optional<u64> due_ns = machine.timer_due_in_ns();
    if (!due_ns) return {BootResult::Kind::stuck, 0};
    wait = std::min(std::chrono::nanoseconds(*due_ns), std::chrono::nanoseconds(deadline - HostClock::now()));
  }
}

bool settle(Machine& machine, vm::SliceTimer::Runner& runner, std::chrono::milliseconds timeout) {
  auto deadline = HostClock::now() + timeout;
  SkipBudget budget{std::chrono::nanoseconds(kSoonNs)};
  while (HostClock::now() < deadline) {
    RunState state = machine.run(&runner);
    if (state == RunState::ended) return false;
    if (state == RunState::waiting && !budget.skip_to_timer(machine)) return true;
  }
  return false;
}

}  // namespace mayfly::machine
