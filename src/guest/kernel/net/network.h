// Sockets of the machine: its listeners, the connections that the host opens to them, and those to the outside.
#pragma once

#include "abi/shared.h"
#include "guest/kernel/net/host_link.h"
#include "guest/kernel/net/outbound_table.h"
#include "guest/kernel/net/port_table.h"
#include "guest/kernel/net/unix_names.h"

namespace mayfly::kernel {

class Network {
 public:
  explicit Network(Kernel& kernel);

  /// Looks at every connection after a wait: new ones, bytes, room, closes; wakes whom it concerns.
  void host_returned();
  /// Publishes the listeners and the connections to the outside for the host, before a wait.
  void before_wait();

  [[nodiscard]] PortTable& tcp_ports() { return tcp_ports_; }
  [[nodiscard]] PortTable& udp_ports() { return udp_ports_; }
  [[nodiscard]] PortTable& udp_lite_ports() { return udp_lite_ports_; }
  [[nodiscard]] OutboundTable& outbound() { return outbound_; }
  [[nodiscard]] UnixNames& unix_names() { return unix_names_; }

 private:
  void admit(u32 slot);

  OutboundTable outbound_;
  HostLink links_[abi::kMaxConnections];
  PortTable tcp_ports_;
  PortTable udp_ports_;
  PortTable udp_lite_ports_;
  UnixNames unix_names_;
};

}  // namespace mayfly::kernel
