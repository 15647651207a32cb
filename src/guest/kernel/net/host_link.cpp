#include "guest/kernel/net/host_link.h"

#include <cstring>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {

abi::Connection& HostLink::connection() const {
  return shared().connections[slot_];
}

void HostLink::init(u32 slot) {
  slot_ = slot;
  abi::Connection& host = connection();
  Ring receive(shared().receive[slot], abi::kReceiveBytes, host.receive_head, host.receive_tail);
  Ring transmit(shared().transmit[slot], abi::kTransmitBytes, host.transmit_head, host.transmit_tail);
  RingLink::init(Rings(receive, transmit), host.host_closed, host.guest_closed);
}

void HostLink::open(StreamSocket& socket) {
  set_socket(&socket);
  see();
  connection().state = abi::kConnectionOpen;
  socket.attach(*this);
}

void HostLink::refuse() {
  connection().state = abi::kConnectionRefused;
}

InetAddress HostLink::peer() const {
  InetAddress address;
  std::memcpy(address.bytes, connection().peer_address, sizeof address.bytes);
  address.port = connection().peer_port;
  return address;
}

void HostLink::look() {
  abi::Connection& host = connection();
  if (socket() != nullptr) {
    tell_changes(ECONNRESET);
  } else if (host.state != abi::kConnectionFree && host.host_closed == kCloseBoth) {
    host.state = abi::kConnectionFree;
  }
}

void HostLink::release(bool) {
  abi::Connection& host = connection();
  set_socket(nullptr);
  host.guest_closed = kCloseBoth;
  if (host.host_closed == kCloseBoth) host.state = abi::kConnectionFree;
}

}  // namespace mayfly::kernel
