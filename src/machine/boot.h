// From a program on disk to one that waits for its first request.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "machine/machine.h"

namespace mayfly::machine {

struct BootOptions {
  std::optional<std::chrono::milliseconds> timeout;
  /// The guest's clock may jump over this much idle time in all, so that start-up timers and idle thread pools settle.
  std::chrono::seconds idle_skip{60};
  /// Whether it may do so before the program listens. A command, which never does, wants to sleep for as long as it
  /// says.
  bool skip_before_listening = true;
  /// Whether a program that listens and is idle has booted. If not, only its end ends the boot.
  bool until_listening = true;
};

/// Waits for up to the given time, or until a connection of the machine's is ready; lets its loop take a turn even if
/// that time is 0. @return true to give up
using Pause = std::function<bool(std::chrono::nanoseconds)>;

/// What a program did with its start.
struct BootResult {
  enum class Kind : u8 {
    listening,  ///< it waits for connections on `port`
    ended,      ///< it came to an end; see Machine::ending()
    timeout,    ///< neither within the time allowed
    stuck,      ///< it waits for something that cannot come: no timer, no listener
  };
  Kind kind = Kind::stuck;
  u16 port = 0;
};

/// Runs a machine until its program listens and is idle. Timers are not waited for: the guest's clock jumps. What the
/// program waits for from outside is: a timer must not overtake it.
/// @param pause asked between time slices and while the machine waits; true gives up (timeout)
[[nodiscard]] BootResult boot(Machine& machine, vm::SliceTimer::Runner& runner, const BootOptions& options,
                              const Pause& pause);

/// How long to wait for a machine that waits for the outside.
[[nodiscard]] std::chrono::nanoseconds outside_wait(const Machine& machine);

/// Runs a machine until nothing in it is runnable, no timer is due soon, and nothing is expected from outside.
/// @param pause as for boot()
/// @return false if it ended or did not come to rest in time
[[nodiscard]] bool settle(Machine& machine, vm::SliceTimer::Runner& runner, std::chrono::milliseconds timeout,
                          const Pause& pause);

}  // namespace mayfly::machine
