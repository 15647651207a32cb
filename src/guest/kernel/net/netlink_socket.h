// Netlink sockets of NETLINK_ROUTE: enough to list the interfaces and their addresses.
#pragma once

#include "guest/kernel/net/datagram_socket.h"
#include "guest/kernel/net/netlink_message.h"

namespace mayfly::kernel {

class NetlinkSocket final : public DatagramSocket {
 public:
  NetlinkSocket(Kernel& owner, u32 flags, u16 type) : DatagramSocket(owner, flags, kFamilyNetlink, 0, type) {}
  void destroy() override;

  long bind(Thread& thread, const Address& address) override;
  long connect(Thread& thread, const Address& address) override;
  long local_address(Address& address) override;
  long peer_address(Address& address) override;
  /// Answers a request at once: the answers wait in the queue.
  long send(Thread& thread, UserIo& io, Outgoing& message) override;

 private:
  long answer(const NetlinkHeader& request, u8 family);
  long queue(NetlinkMessage& message);

  u32 port_ = 0;
};

}  // namespace mayfly::kernel
