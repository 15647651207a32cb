// UDP sockets; datagrams reach sockets of the same machine only.
#pragma once

#include "guest/kernel/net/datagram_socket.h"
#include "guest/kernel/net/port_table.h"

namespace mayfly::kernel {

class UdpSocket final : public DatagramSocket {
 public:
  UdpSocket(Kernel& owner, u32 flags, u16 family)
      : DatagramSocket(owner, flags, family, kProtocolUdp), binding_(*this) {}
  void destroy() override;

  long bind(Thread& thread, const Address& address) override;
  long connect(Thread& thread, const Address& address) override;
  long local_address(Address& address) override;
  long peer_address(Address& address) override;
  long send(Thread& thread, UserIo& io, Outgoing& message) override;
  [[nodiscard]] bool connected() const override { return peer_.port != 0; }

 private:
  /// @return 0 and where datagrams to `address` go, or -errno
  long resolve(const Address& address, InetAddress& destination) const;
  long bind_if_needed(const InetAddress& destination);
  /// A connected socket takes datagrams from its peer only.
  [[nodiscard]] bool accepts(const InetAddress& source) const;

  PortBinding binding_;
  InetAddress local_;
  InetAddress peer_;  // port 0: not connected
};

}  // namespace mayfly::kernel
