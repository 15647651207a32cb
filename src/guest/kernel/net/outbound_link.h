// A stream to the world outside of the machine: a TCP connection, or one to a unix socket of the host.
#pragma once

#include "guest/kernel/net/outbound_table.h"
#include "guest/kernel/net/ring_link.h"

namespace mayfly::kernel {

/// Attached to its socket once it is open; until then the socket only knows of it.
class OutboundLink final : public RingLink, public OutboundUser {
 public:
  /// Begins to connect; the socket's outbound_done() is told what has become of it.
  /// @return 0 and the link, -ENOBUFS or -ENOMEM
  static long connect(Kernel& kernel, StreamSocket& socket, const InetAddress& destination, OutboundLink*& link);
  /// @param path absolute, shorter than abi::kOutboundPathBytes
  static long connect(Kernel& kernel, StreamSocket& socket, const char* path, OutboundLink*& link);
  OutboundLink(Kernel& kernel, StreamSocket& socket);
  ~OutboundLink() = default;

  void look() override;
  /// Once it is open.
  [[nodiscard]] InetAddress local() const { return OutboundTable::local_address(slot_); }

  long send(UserIo& io, Outgoing& message) override;
  void release(bool reset) override;

 private:
  [[nodiscard]] abi::Outbound& host() const { return OutboundTable::at(slot_); }
  static long take(Kernel& kernel, StreamSocket& socket, abi::OutboundKind kind, OutboundLink*& link);

  Kernel& kernel_;
  u32 slot_ = 0;
  bool attached_ = false;
};

}  // namespace mayfly::kernel
