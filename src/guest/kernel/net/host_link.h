// A connection that the host has opened to a listening socket: the two rings of abi::Connection.
#pragma once

#include "abi/shared.h"
#include "guest/kernel/net/ring_link.h"

namespace mayfly::kernel {

/// One slot of SharedArea::connections.
class HostLink final : public RingLink {
 public:
  HostLink() = default;
  ~HostLink() = default;
  /// @param slot which connection this object stands for; once
  void init(u32 slot);
  /// Takes the connection that the host is opening for `socket`.
  void open(StreamSocket& socket);
  /// Tells the socket's waiters what the host has changed since the last look; frees the slot once both sides are done.
  void look();
  /// Answers a connection that the host is opening and that nobody takes.
  void refuse();
  /// The client, as the host names it now: it may lend a connection that is open to another client.
  [[nodiscard]] InetAddress peer() const;

  void release(bool reset) override;

 private:
  [[nodiscard]] abi::Connection& connection() const;

  u32 slot_ = 0;
};

}  // namespace mayfly::kernel
