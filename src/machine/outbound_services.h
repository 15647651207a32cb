// What a machine's connections to the world outside need of the host beyond sockets: who decides, who resolves names,
// how much is allowed.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "net/address.h"
#include "net/limits.h"
#include "net/policy.h"

namespace mayfly::machine {

/// Shared by all machines of a program. Thread-safe; must outlive them.
class OutboundServices {
 public:
  using Answer = std::function<void(std::vector<std::byte> message)>;

  virtual ~OutboundServices() = default;
  /// Asked right before the host connects, or sends a datagram, to that very address.
  [[nodiscard]] virtual net::Verdict check(const net::Address& address) = 0;
  /// @param path of a unix socket of the host, as the program gave it
  [[nodiscard]] virtual net::Verdict check_unix(std::string_view path) = 0;
  /// Answers a DNS query.
  /// @param query any bytes; valid during the call only
  /// @param done called once at most: before this returns, or later on any thread
  /// @return the interest in the answer: `done` is not called once that is destroyed. May be null
  [[nodiscard]] virtual std::shared_ptr<void> ask(std::span<const std::byte> query, Answer done) = 0;
  [[nodiscard]] virtual const net::Limits& limits() const = 0;
};

}  // namespace mayfly::machine
