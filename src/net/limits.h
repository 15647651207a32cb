// How much of the network a request may use.
#pragma once

#include <chrono>

#include "abi/outbound.h"

namespace mayfly::net {

struct Limits {
  unsigned connections = abi::kMaxOutbound;           ///< open at once, of one request
  std::chrono::milliseconds connect_timeout{10'000};  ///< then ETIMEDOUT
  std::chrono::milliseconds idle_timeout{60'000};     ///< without a byte in either direction
  u64 bytes = u64{1} << 30;                           ///< of one request, both directions together
};

}  // namespace mayfly::net
