// The clock that every deadline of this layer is told in.
#pragma once

#include <chrono>

namespace mayfly::http {

using Clock = std::chrono::steady_clock;

}  // namespace mayfly::http
