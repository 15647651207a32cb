// Peers of a program that are no hosts of a network: the operator's backends, the server itself.
#pragma once

#include <optional>

#include "base/unique_fd.h"
#include "net/address.h"

namespace mayfly::machine {

/// One per worker thread, used by that thread alone. Outlives the machines.
class InnerPeers {
 public:
  struct Connection {
    UniqueFd socket;  ///< the program's end of a connected stream socket, non-blocking
    int error = 0;    ///< else: the errno for the program
  };

  virtual ~InnerPeers() = default;
  /// @param target what the program connects to, by TCP
  /// @param depth of the request that the program serves: 0 for one from outside
  /// @return nothing if the target is none of these peers: the rules and the network are asked then
  [[nodiscard]] virtual std::optional<Connection> connect(const net::Address& target, unsigned depth) = 0;
};

}  // namespace mayfly::machine
