#include "guest/kernel/net/network.h"

#include "guest/kernel/arch/host.h"
#include "guest/kernel/net/tcp_socket.h"

namespace mayfly::kernel {

Network::Network(Kernel& kernel) : unix_names_(kernel) {
  for (u32 slot = 0; slot < abi::kMaxConnections; ++slot) links_[slot].init(slot);
}

void Network::host_returned() {
  for (u32 slot = 0; slot < abi::kMaxConnections; ++slot) {
    u32 state = shared().connections[slot].state;
    if (state == abi::kConnectionOpening) {
      admit(slot);
    } else if (state != abi::kConnectionFree) {
      links_[slot].look();
    }
  }
  outbound_.look();
}

void Network::admit(u32 slot) {
  HostLink& link = links_[slot];
  Socket* listener = tcp_ports_.find_listener(shared().connections[slot].port, link.peer().is_v4());
  if (listener == nullptr || !static_cast<TcpSocket*>(listener)->admit(link)) link.refuse();
}

void Network::before_wait() {
  abi::SharedArea& area = shared();
  u32 count = 0;
  List<PortBinding>& bindings = tcp_ports_.bindings();
  for (PortBinding* binding = bindings.front(); binding != nullptr; binding = bindings.next(*binding)) {
    auto& socket = static_cast<TcpSocket&>(binding->socket);
    if (!socket.listening() || count == abi::kMaxListeners) continue;
    u32 room = socket.backlog()->room();
    // Every thread is blocked: who watches the socket is waiting for it.
    area.listeners[count++] = {binding->address.port, static_cast<u16>(room < 0xffff ? room : 0xffff),
                               socket.waiters.empty() ? 0u : 1u};
  }
  area.wait.listeners = count;
  outbound_.publish();
}

}  // namespace mayfly::kernel
