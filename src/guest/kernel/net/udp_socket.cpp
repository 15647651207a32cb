#include "guest/kernel/net/udp_socket.h"

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/net/ip_option.h"

namespace mayfly::kernel {
namespace {

/// What the header's size field leaves: with IPv4 it counts the IP header too.
constexpr u64 kMostBytes4 = 65'507;
constexpr u64 kMostBytes6 = 65'527;

}  // namespace

UdpSocket::UdpSocket(Kernel& owner, u32 flags, u16 family, u16 protocol)
    : DatagramSocket(owner, flags, family, protocol), binding_(*this), groups_(owner.heap) {}

UdpSocket::~UdpSocket() {
  close_outbound();
}

void UdpSocket::destroy() {
  kernel().heap.destroy(this);
}

PortTable& UdpSocket::ports() {
  Network& network = kernel().network;
  return protocol() == kProtocolUdp ? network.udp_ports() : network.udp_lite_ports();
}

long UdpSocket::bind(Thread&, const Address& address) {
  InetAddress wanted;
  if (long error = wanted.decode_for_bind(address, family())) return error;
  if (binding_.bound()) return -EINVAL;
  if (options.on(SocketOptions::v6_only) && wanted.is_v4()) return -EINVAL;
  if (long error = ports().bind(binding_, wanted)) return error;
  local_ = binding_.address;
  bound_by_program_ = true;
  return 0;
}

long UdpSocket::resolve(const Address& address, InetAddress& destination) const {
  if (long error = destination.decode_either(address, family())) return error;
  if (destination.is_any()) destination = InetAddress::loopback(destination.is_v4(), destination.port);
  if (destination.is_v4() && options.on(SocketOptions::v6_only)) return -ENETUNREACH;
  if (destination.is_local() || destination.is_multicast()) return 0;
  if (destination.is_broadcast() && !options.on(SocketOptions::broadcast)) return -EACCES;
  if (destination.is_broadcast() || protocol() != kProtocolUdp) return -ENETUNREACH;
  return local_.is_loopback() ? -EINVAL : 0;
}

long UdpSocket::bind_if_needed(const InetAddress& destination) {
  if (!binding_.bound()) {
    if (long error = ports().bind(binding_, InetAddress::any(family(), 0))) return error;
    local_ = binding_.address;
  }
  if (connected() && local_.is_any() && destination.is_local())
    local_ = InetAddress::loopback(destination.is_v4(), local_.port);
  return 0;
}

/// connect(2) with AF_UNSPEC: what connecting has chosen is given up.
void UdpSocket::disconnect() {
  close_outbound();
  peer_ = {};
  connected_ = false;
  if (bound_by_program_) {
    local_ = binding_.address;
  } else {
    binding_.unlink();
    local_ = {};
  }
}

long UdpSocket::connect(Thread&, const Address& address) {
  if (address.family() == kFamilyNone) {
    disconnect();
    return 0;
  }
  InetAddress destination;
  if (long error = resolve(address, destination)) return error;
  peer_ = destination;
  connected_ = true;
  return bind_if_needed(destination);
}

bool UdpSocket::accepts(const InetAddress& source) const {
  return !connected() || (peer_.same_host(source) && peer_.port == source.port);
}

PacketInfo UdpSocket::describe(const InetAddress& destination, const Outgoing& message) const {
  bool v4 = destination.is_v4();
  u32 level = v4 ? kLevelIp : kLevelIpv6;
  PacketInfo info;
  info.destination = destination;
  u32 hops = v4 ? u32{kIpTtl} : u32{kIpv6UnicastHops};
  if (destination.is_multicast()) hops = v4 ? u32{kIpMulticastTtl} : u32{kIpv6MulticastHops};
  info.hops = message.hops >= 0 ? message.hops : options.number(level, hops);
  u32 traffic_class = v4 ? u32{kIpTos} : u32{kIpv6TrafficClass};
  info.traffic_class = message.traffic_class >= 0 ? message.traffic_class : options.number(level, traffic_class);
  return info;
}

long UdpSocket::deliver_to(UdpSocket& to, UserIo io, const InetAddress& destination, const Outgoing& message) {
  auto size = static_cast<long>(io.remaining());
  InetAddress source = local_.is_any() ? InetAddress::loopback(destination.is_v4(), local_.port) : local_;
  if (!to.accepts(source) || to.input_shut() || !to.has_room(io.remaining())) return size;  // dropped
  Address source_address;
  source.encode(source_address, to.family());
  return to.deliver(io, source_address, {}, describe(destination, message));
}

long UdpSocket::send_to_group(const UserIo& io, const InetAddress& group, const Outgoing& message) {
  bool loop = options.on(group.is_v4() ? SocketOptions::multicast_loop : SocketOptions::v6_multicast_loop);
  List<PortBinding>& bindings = ports().bindings();
  for (PortBinding* each = bindings.front(); loop && each != nullptr; each = bindings.next(*each)) {
    if (!each->covers(group)) continue;
    auto& to = static_cast<UdpSocket&>(each->socket);
    if (!to.groups_.has(group)) continue;
    if (long result = deliver_to(to, io, group, message); result < 0) return result;
  }
  return static_cast<long>(io.remaining());
}

long UdpSocket::send(Thread& thread, UserIo& io, Outgoing& message) {
  InetAddress destination = peer_;
  if (message.destination != nullptr) {
    if (long error = resolve(*message.destination, destination)) return error;
  } else if (!connected()) {
    return -EDESTADDRREQ;
  }
  if (has_error()) return -take_error();
  if (output_shut()) return -EPIPE;
  if (destination.port == 0) return -EINVAL;
  if (io.remaining() > (destination.is_v4() ? kMostBytes4 : kMostBytes6)) return -EMSGSIZE;
  if (long error = bind_if_needed(destination)) return error;
  if (destination.is_multicast()) return send_to_group(io, destination, message);
  if (leads_outside(destination)) return send_outside(thread, io, destination, message.flags);
  Socket* found = ports().find(destination, false);
  if (found != nullptr) return deliver_to(static_cast<UdpSocket&>(*found), io, destination, message);
  // The answer would be an ICMP message: a connected socket hears of it at its next call.
  if (connected()) {
    set_error(ECONNREFUSED);
    waiters.wake(EPOLLERR);
  }
  return static_cast<long>(io.remaining());
}

long UdpSocket::local_address(Address& address) {
  InetAddress local = local_.port == 0 ? InetAddress::any(family(), 0) : local_;
  bool outwards = connected() ? leads_outside(peer_) : !bound_by_program_;
  if (outwards && outbound_ != nullptr && outbound_->is_open()) local = outbound_->local();
  local.encode(address, family());
  return 0;
}

long UdpSocket::peer_address(Address& address) {
  if (peer_.port == 0) return -ENOTCONN;
  peer_.encode(address, family());
  return 0;
}

long UdpSocket::set_special_option(u32 level, u32 name, UserAddress value, u32 size_bytes) {
  if (level == kLevelIpv6 && name == kIpv6Only && binding_.bound()) return -EINVAL;
  return groups_.set_option(level, name, value, size_bytes);
}

long UdpSocket::get_special_option(u32 level, u32 name, UserAddress value, UserAddress size_address) {
  return groups_.get_option(level, name, value, size_address);
}

}  // namespace mayfly::kernel
