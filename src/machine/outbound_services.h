// What a machine's connections to the world outside need of the host beyond sockets: who decides, who resolves names,
// how much is allowed.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "abi/outbound.h"

namespace mayfly::machine {

/// An IPv6 address, or IPv4-mapped, in network byte order; the port in the host's.
struct OutboundAddress {
  std::array<u8, 16> bytes{};
  u16 port = 0;
  bool operator==(const OutboundAddress&) const = default;
};

struct OutboundVerdict {
  bool allowed = false;
  std::string refusal{};  ///< otherwise: one line for the user, which says how to allow it
};

/// Of one machine, for one request; before the first request, for its whole start.
struct OutboundLimits {
  unsigned connections = abi::kMaxOutbound;  ///< begun in all; one more fails with ENOBUFS
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds idle_timeout{60'000};  ///< without a byte in either direction
  u64 bytes = u64{1} << 30;                        ///< in both directions together
};

/// Shared by all machines of a program. Thread-safe; must outlive them.
class OutboundServices {
 public:
  using Answer = std::function<void(std::vector<std::byte> message)>;

  virtual ~OutboundServices() = default;
  /// Asked right before the host connects, or sends a datagram, to that very address.
  [[nodiscard]] virtual OutboundVerdict check(const OutboundAddress& address) = 0;
  /// @param path of a unix socket of the host, as the program gave it
  [[nodiscard]] virtual OutboundVerdict check_unix(std::string_view path) = 0;
  /// Answers a DNS query.
  /// @param query any bytes; valid during the call only
  /// @param done called once at most: before this returns, or later on any thread
  /// @return the interest in the answer: `done` is not called once that is destroyed. May be null
  [[nodiscard]] virtual std::shared_ptr<void> ask(std::span<const std::byte> query, Answer done) = 0;
  [[nodiscard]] virtual const OutboundLimits& limits() const = 0;
};

}  // namespace mayfly::machine
