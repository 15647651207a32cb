// The last bytes of a connection that its program has closed.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "machine/stream_socket.h"

namespace mayfly::machine {

/// Sends them as the peer takes them, then closes. Destroying it drops the rest. Not thread-safe.
class Farewell {
 public:
  /// @param socket connected, or about to be
  Farewell(OutboundScope& scope, std::unique_ptr<StreamSocket> socket, bool connected, const RingPieces& bytes);

  /// To be destroyed, between the loop's turns or not.
  [[nodiscard]] bool done() const { return done_; }

 private:
  void go_on();
  void stop();

  OutboundScope& scope_;
  std::unique_ptr<StreamSocket> socket_;
  loop::Timer timer_;
  std::vector<std::byte> bytes_;
  std::size_t sent_ = 0;
  bool connected_;
  bool done_ = false;
};

}  // namespace mayfly::machine
