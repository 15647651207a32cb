// Requests that Mayfly itself makes: to warm a program up before it is frozen, and to prime each new machine.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "machine/boot.h"

namespace mayfly::server {

struct WarmUpOptions {
  unsigned requests = 0;
  std::vector<std::string> paths{"/"};  ///< taken in turn
  std::chrono::milliseconds request_timeout{30'000};
};

struct WarmUpResult {
  unsigned requests = 0;                ///< answered
  std::optional<u32> kept_alive;        ///< the connection that still waits for the next request
  std::vector<std::string> complaints;  ///< what the user should know: errors answered, connection closed early
};

/// Makes the requests, each marked X-Mayfly-Warmup: 1, over one kept-alive connection as long as the program keeps it,
/// and one more if the last one ended a connection that had been kept.
/// Throws Error if the program ends or stops answering.
/// @param pause as for machine::boot(); true gives up with an Error
[[nodiscard]] WarmUpResult warm_up(machine::Machine& machine, u16 port, vm::SliceTimer::Runner& runner,
                                   const WarmUpOptions& options, const machine::Pause& pause);

/// Makes one request of each path of a new machine, then resets it: its pages and mappings are then in place.
/// @param pause as for machine::boot(); true gives the request up
void prime(machine::Machine& machine, const machine::FrozenProgram& program, vm::SliceTimer::Runner& runner,
           const std::vector<std::string>& paths, const machine::Pause& pause);

}  // namespace mayfly::server
