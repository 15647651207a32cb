// TCP sockets: listeners, connections from the host, and connections within the machine.
#pragma once

#include "guest/kernel/net/host_link.h"
#include "guest/kernel/net/port_table.h"

namespace mayfly::kernel {

class TcpSocket final : public StreamSocket {
 public:
  TcpSocket(Kernel& owner, u32 flags, u16 family)
      : StreamSocket(owner, flags, family, kStream, kProtocolTcp), binding_(*this) {}
  void destroy() override;

  long bind(Thread& thread, const Address& address) override;
  long listen(i32 backlog) override;
  long connect(Thread& thread, const Address& address) override;
  long local_address(Address& address) override;
  long peer_address(Address& address) override;

  /// Queues the connection that the host is opening. @return false if it has to be refused
  [[nodiscard]] bool admit(HostLink& link);

 private:
  /// A socket at the far end of a new connection, which accept will return. @return null if it has to be refused
  [[nodiscard]] Ref<TcpSocket> make_accepted(const InetAddress& local, const InetAddress& peer);
  long connect_to(TcpSocket& listener, const InetAddress& destination);
  void stopped_listening() override { binding_.unlink(); }

  PortBinding binding_;
  InetAddress local_;
  InetAddress peer_;
  HostLink* host_ = nullptr;  // set if the other side is the host
};

}  // namespace mayfly::kernel
