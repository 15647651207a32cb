#include "guest/kernel/net/outbound_link.h"

#include <cstring>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {

OutboundLink::OutboundLink(Kernel& kernel, StreamSocket& socket) : kernel_(kernel) {
  set_socket(&socket);
}

long OutboundLink::take(Kernel& kernel, StreamSocket& socket, abi::OutboundKind kind, OutboundLink*& link) {
  link = kernel.heap.make<OutboundLink>(kernel, socket);
  if (link == nullptr) return -ENOMEM;
  long slot = kernel.network.outbound().take(kernel, *link, kind);
  if (slot < 0) {
    kernel.heap.destroy(std::exchange(link, nullptr));
    return slot;
  }
  link->slot_ = static_cast<u32>(slot);
  link->init(OutboundTable::rings(link->slot_), link->host().host_closed, link->host().guest_closed);
  return 0;
}

long OutboundLink::connect(Kernel& kernel, StreamSocket& socket, const InetAddress& destination, OutboundLink*& link) {
  if (long error = take(kernel, socket, abi::kOutboundTcp, link); error != 0) return error;
  std::memcpy(link->host().peer_address, destination.bytes, sizeof destination.bytes);
  link->host().peer_port = destination.port;
  link->host().state = abi::kOutboundOpening;
  return 0;
}

long OutboundLink::connect(Kernel& kernel, StreamSocket& socket, const char* path, OutboundLink*& link) {
  if (long error = take(kernel, socket, abi::kOutboundUnix, link); error != 0) return error;
  std::memcpy(link->host().path, path, std::strlen(path) + 1);
  link->host().state = abi::kOutboundOpening;
  return 0;
}

void OutboundLink::look() {
  i32 error = host().error != 0 ? static_cast<i32>(host().error) : ECONNRESET;
  StreamSocket& owner = *socket();
  if (host().state == abi::kOutboundFailed) {
    owner.outbound_done(*this, error);
    release(false);
    return;
  }
  if (host().state != abi::kOutboundOpen) return;
  if (!attached_) {
    attached_ = true;
    owner.outbound_done(*this, 0);
  }
  tell_changes(error);
}

long OutboundLink::send(UserIo& io, Outgoing& message) {
  if (message.rights) {
    report(abi::ReportKind::unsupported, "sendmsg: SCM_RIGHTS to a socket outside of the machine");
    return -EOPNOTSUPP;
  }
  return RingLink::send(io, message);
}

void OutboundLink::release(bool reset) {
  kernel_.network.outbound().give_back(slot_, reset ? kCloseReset : kCloseBoth);
  kernel_.heap.destroy(this);
}

}  // namespace mayfly::kernel
