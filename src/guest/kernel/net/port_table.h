// Which sockets own which ports of the machine.
#pragma once

#include "guest/kernel/core/list.h"
#include "guest/kernel/net/address.h"

namespace mayfly::kernel {

class Socket;

/// A bound socket's claim to an address; a member of that socket.
struct PortBinding : ListNode<> {
  explicit PortBinding(Socket& owner) : socket(owner) {}
  Socket& socket;
  InetAddress address;  ///< as bound; port 0 while unbound
  [[nodiscard]] bool bound() const { return linked(); }
  /// Traffic to `destination` (address and port) is for this socket.
  [[nodiscard]] bool covers(const InetAddress& destination) const;
};

/// The ports of one protocol.
class PortTable {
 public:
  /// Binds; port 0 takes a free one. @return 0, -EADDRINUSE or -EADDRNOTAVAIL
  long bind(PortBinding& binding, const InetAddress& address);
  /// Another socket listens where this one is about to, and the two do not share.
  [[nodiscard]] bool has_other_listener(const PortBinding& binding);
  /// The socket for traffic to `destination`, the one bound most exactly first; null if there is none.
  /// @param listening look for listening sockets only
  [[nodiscard]] Socket* find(const InetAddress& destination, bool listening);
  /// As find, whatever the address is that a listening socket is bound to.
  [[nodiscard]] Socket* find_listener(u16 port, bool v4);
  [[nodiscard]] List<PortBinding>& bindings() { return bindings_; }

 private:
  static constexpr u16 kFirstEphemeral = 32768;  // net.ipv4.ip_local_port_range
  static constexpr u16 kLastEphemeral = 60999;
  [[nodiscard]] bool conflicts(const PortBinding& binding);

  List<PortBinding> bindings_;
  u16 next_ephemeral_ = kFirstEphemeral;
};

}  // namespace mayfly::kernel
