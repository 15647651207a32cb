// UDP and UDP-Lite sockets; datagrams reach sockets of the same machine only.
#pragma once

#include "guest/kernel/net/datagram_socket.h"
#include "guest/kernel/net/multicast.h"
#include "guest/kernel/net/port_table.h"

namespace mayfly::kernel {

class UdpSocket final : public DatagramSocket {
 public:
  /// @param protocol kProtocolUdp or kProtocolUdpLite
  UdpSocket(Kernel& owner, u32 flags, u16 family, u16 protocol);
  void destroy() override;

  long bind(Thread& thread, const Address& address) override;
  long connect(Thread& thread, const Address& address) override;
  long local_address(Address& address) override;
  long peer_address(Address& address) override;
  long send(Thread& thread, UserIo& io, Outgoing& message) override;
  [[nodiscard]] bool connected() const override { return connected_; }
  long set_special_option(u32 level, u32 name, UserAddress value, u32 size_bytes) override;
  long get_special_option(u32 level, u32 name, UserAddress value, UserAddress size_address) override;

 private:
  [[nodiscard]] PortTable& ports();
  void disconnect();
  /// @return 0 and where datagrams to `address` go, or -errno
  long resolve(const Address& address, InetAddress& destination) const;
  long bind_if_needed(const InetAddress& destination);
  /// A connected socket takes datagrams from its peer only.
  [[nodiscard]] bool accepts(const InetAddress& source) const;
  [[nodiscard]] PacketInfo describe(const InetAddress& destination, const Outgoing& message) const;
  /// Puts a datagram into the queue of `to`, unless that does not take it.
  long deliver_to(UdpSocket& to, UserIo io, const InetAddress& destination, const Outgoing& message);
  long send_to_group(const UserIo& io, const InetAddress& group, const Outgoing& message);

  PortBinding binding_;
  InetAddress local_;
  InetAddress peer_;
  bool connected_ = false;  // maybe to port 0, to learn which own address leads there
  bool bound_by_program_ = false;
  MulticastGroups groups_;
};

}  // namespace mayfly::kernel
