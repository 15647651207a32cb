// Datagrams to the world outside of the machine and from there.
#pragma once

#include "guest/kernel/net/outbound_table.h"

namespace mayfly::kernel {

class UdpSocket;

/// A socket's slot of kind kOutboundUdp.
class OutboundDatagrams final : public OutboundUser {
 public:
  /// The longest datagram, whose record must fit into an empty ring.
  static constexpr u64 kMostBytes = abi::kOutboundTransmitBytes - sizeof(abi::DatagramHeader);

  /// @return 0 and the slot, -ENOBUFS or -ENOMEM
  static long open(Kernel& kernel, UdpSocket& socket, OutboundDatagrams*& made);
  OutboundDatagrams(Kernel& kernel, UdpSocket& socket) : kernel_(kernel), socket_(socket) {}
  ~OutboundDatagrams() = default;
  /// Gives the slot back; this object is gone then.
  void close();

  void look() override;
  /// Offers to the socket what has come.
  void receive();
  /// @return bytes sent, -EAGAIN if there is no room, or -EFAULT
  long send(UserIo& io, const InetAddress& destination);
  [[nodiscard]] bool writable() const { return rings_.writable(); }
  /// The host takes no more from it.
  [[nodiscard]] bool ended() const;
  [[nodiscard]] bool is_open() const { return host().state == abi::kOutboundOpen; }
  [[nodiscard]] InetAddress local() const { return OutboundTable::local_address(slot_); }

 private:
  static constexpr u32 kUsualRoom = abi::kOutboundTransmitBytes / 4;
  [[nodiscard]] abi::Outbound& host() const { return OutboundTable::at(slot_); }

  Kernel& kernel_;
  UdpSocket& socket_;
  u32 slot_ = 0;
  Rings rings_;
};

}  // namespace mayfly::kernel
