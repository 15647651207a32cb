#include "guest/kernel/net/udp_socket.h"

#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {

void UdpSocket::destroy() {
  kernel().heap.destroy(this);
}

long UdpSocket::bind(Thread&, const Address& address) {
  if (binding_.bound()) return -EINVAL;
  InetAddress wanted;
  if (long error = wanted.decode(address, family())) return error;
  if (long error = kernel().network.udp_ports().bind(binding_, wanted)) return error;
  local_ = binding_.address;
  return 0;
}

long UdpSocket::resolve(const Address& address, InetAddress& destination) const {
  if (long error = destination.decode(address, family())) return error;
  if (destination.is_any()) destination = InetAddress::loopback(destination.is_v4(), destination.port);
  if (destination.is_local()) return 0;
  report_outbound(destination);
  return -ENETUNREACH;
}

long UdpSocket::bind_if_needed(const InetAddress& destination) {
  if (!binding_.bound()) {
    if (long error = kernel().network.udp_ports().bind(binding_, InetAddress::any(family(), 0))) return error;
    local_ = binding_.address;
  }
  if (connected() && local_.is_any()) local_ = InetAddress::loopback(destination.is_v4(), local_.port);
  return 0;
}

long UdpSocket::connect(Thread&, const Address& address) {
  if (address.family() == kFamilyNone) {
    peer_ = {};
    return 0;
  }
  InetAddress destination;
  if (long error = resolve(address, destination)) return error;
  peer_ = destination;
  return bind_if_needed(destination);
}

bool UdpSocket::accepts(const InetAddress& source) const {
  return !connected() || (peer_.same_host(source) && peer_.port == source.port);
}

long UdpSocket::send(Thread&, UserIo& io, Outgoing& message) {
  InetAddress destination = peer_;
  if (message.destination != nullptr) {
    if (long error = resolve(*message.destination, destination)) return error;
  } else if (!connected()) {
    return -EDESTADDRREQ;
  }
  if (has_error()) return -take_error();
  if (output_shut()) return -EPIPE;
  if (destination.port == 0) return -EINVAL;
  if (io.remaining() > PacketQueue::kMaxPacket) return -EMSGSIZE;
  if (long error = bind_if_needed(destination)) return error;

  auto size = static_cast<long>(io.remaining());
  Socket* found = kernel().network.udp_ports().find(destination, false);
  if (found == nullptr) {
    // The answer would be an ICMP message: a connected socket hears of it at its next call.
    if (connected()) set_error(ECONNREFUSED);
    return size;
  }
  auto& to = static_cast<UdpSocket&>(*found);
  InetAddress source = local_.is_any() ? InetAddress::loopback(destination.is_v4(), local_.port) : local_;
  if (!to.accepts(source) || to.input_shut() || !to.has_room(io.remaining())) return size;  // dropped
  Address source_address;
  source.encode(source_address, to.family());
  return to.deliver(io, source_address, {});
}

long UdpSocket::local_address(Address& address) {
  InetAddress local = local_.port == 0 ? InetAddress::any(family(), 0) : local_;
  local.encode(address, family());
  return 0;
}

long UdpSocket::peer_address(Address& address) {
  if (!connected()) return -ENOTCONN;
  peer_.encode(address, family());
  return 0;
}

}  // namespace mayfly::kernel
