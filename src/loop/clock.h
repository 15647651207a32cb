// The clock that the deadlines of an event loop are told in.
#pragma once

#include <chrono>

namespace mayfly::loop {

using Clock = std::chrono::steady_clock;

}  // namespace mayfly::loop
