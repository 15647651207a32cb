// UDP and UDP-Lite sockets; datagrams reach sockets of the same machine, and UDP the world outside.
#pragma once

#include "guest/kernel/net/datagram_socket.h"
#include "guest/kernel/net/multicast.h"
#include "guest/kernel/net/outbound_datagrams.h"
#include "guest/kernel/net/port_table.h"

namespace mayfly::kernel {

class UdpSocket final : public DatagramSocket {
 public:
  /// @param protocol kProtocolUdp or kProtocolUdpLite
  UdpSocket(Kernel& owner, u32 flags, u16 family, u16 protocol);
  ~UdpSocket();
  void destroy() override;

  long bind(Thread& thread, const Address& address) override;
  long connect(Thread& thread, const Address& address) override;
  long local_address(Address& address) override;
  long peer_address(Address& address) override;
  long send(Thread& thread, UserIo& io, Outgoing& message) override;
  [[nodiscard]] bool connected() const override { return connected_; }
  long set_special_option(u32 level, u32 name, UserAddress value, u32 size_bytes) override;
  long get_special_option(u32 level, u32 name, UserAddress value, UserAddress size_address) override;

  // ---- by OutboundDatagrams
  /// A datagram that came from outside. @return false if there is no room for it now
  [[nodiscard]] bool take_outbound(UserIo& io, const InetAddress& source, const InetAddress& local);
  /// What became of one that was sent there.
  void outbound_error(i32 error, const InetAddress& destination);
  /// The host has closed the slot, or could not open it. @param error 0 for none
  void outbound_ended(i32 error);

 protected:
  [[nodiscard]] bool writable() override { return outbound_ == nullptr || outbound_->writable(); }
  void made_room() override;

 private:
  [[nodiscard]] PortTable& ports();
  void disconnect();
  /// @return 0 and where datagrams to `address` go, or -errno
  long resolve(const Address& address, InetAddress& destination) const;
  long bind_if_needed(const InetAddress& destination);
  /// Whether datagrams to there go to the host.
  [[nodiscard]] bool leads_outside(const InetAddress& destination);
  long send_outside(Thread& thread, UserIo& io, const InetAddress& destination, u32 flags);
  long open_outbound();
  void close_outbound();
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
  OutboundDatagrams* outbound_ = nullptr;
};

}  // namespace mayfly::kernel
