#include "machine/boot.h"

#include <algorithm>

namespace mayfly::machine {
namespace {

/// A timer that is due sooner keeps a program from counting as idle.
constexpr u64 kSoonNs = 100'000'000;

/// How often to look whether an answer from outside is still to be expected.
constexpr std::chrono::milliseconds kOutsideWait{100};

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

std::chrono::nanoseconds outside_wait(const Machine& machine) {
  constexpr std::chrono::nanoseconds kLongest = kOutsideWait;
  auto longest = static_cast<u64>(kLongest.count());
  return std::chrono::nanoseconds(std::min(machine.timer_due_in_ns().value_or(longest), longest));
}

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
    if (machine.outbound().busy()) {
      wait = outside_wait(machine);
      continue;
    }
    std::vector<u16> ports;
    if (options.until_listening) ports = machine.listening_ports();
    if ((options.skip_before_listening || !ports.empty()) && budget.skip_to_timer(machine)) continue;
    if (!ports.empty()) return {BootResult::Kind::listening, ports.front()};
    std::optional<u64> due_ns = machine.timer_due_in_ns();
    if (!due_ns && !machine.outbound().pending()) return {BootResult::Kind::stuck, 0};
    wait = due_ns ? std::chrono::nanoseconds(*due_ns) : kOutsideWait;
    wait = std::min(wait, std::chrono::nanoseconds(deadline - HostClock::now()));
  }
}

bool settle(Machine& machine, vm::SliceTimer::Runner& runner, std::chrono::milliseconds timeout, const Pause& pause) {
  auto deadline = HostClock::now() + timeout;
  SkipBudget budget{std::chrono::nanoseconds(kSoonNs)};
  std::chrono::nanoseconds wait{0};
  while (HostClock::now() < deadline && !pause(wait)) {
    RunState state = machine.run(&runner);
    if (state == RunState::ended) return false;
    wait = std::chrono::nanoseconds(0);
    if (state == RunState::yielded) continue;
    if (machine.outbound().busy()) {
      wait = outside_wait(machine);
    } else if (!budget.skip_to_timer(machine)) {
      return true;
    }
  }
  return false;
}

}  // namespace mayfly::machine
