// Requests that Mayfly itself makes: to warm a program up before it is frozen, and to prime each new machine.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "machine/boot.h"

namespace mayfly::server {

struct WarmUpOptions {
  /// If not given, as many as a compiler at run time wants to see, within reason: see kRequestsEnough.
  std::optional<unsigned> requests;
  std::vector<std::string> paths{"/"};  ///< taken in turn
  std::chrono::milliseconds request_timeout{30'000};
};

struct WarmUpResult {
  unsigned requests = 0;                ///< answered
  std::optional<u32> kept_alive;        ///< the connection that still waits for the next request
  std::vector<std::string> complaints;  ///< what the user should know: errors answered, connection closed early
};

/// So many requests are enough for any program, and so many if they have taken that long. V8 compiles the paths of an
/// HTTP server for the last time after 1,000 to 5,000 requests.
inline constexpr unsigned kRequestsEnough = 5'000;
inline constexpr unsigned kRequestsNeeded = 1'000;
inline constexpr std::chrono::milliseconds kWarmUpTimeEnough{1'500};

/// Makes the requests, those of warm_up_request(), over one kept-alive connection as long as the program keeps it, and
/// one more if the last one ended a connection that had been kept.
/// Throws Error if the program ends or stops answering.
/// @param pause as for machine::boot(); true gives up with an Error
[[nodiscard]] WarmUpResult warm_up(machine::Machine& machine, u16 port, vm::SliceTimer::Runner& runner,
                                   const WarmUpOptions& options, const machine::Pause& pause);

/// Makes one request of each path of a new machine, then resets it: its pages and mappings are then in place.
/// @param pause as for machine::boot(); true gives the request up
void prime(machine::Machine& machine, const machine::FrozenProgram& program, vm::SliceTimer::Runner& runner,
           const std::vector<std::string>& paths, const machine::Pause& pause);

}  // namespace mayfly::server
