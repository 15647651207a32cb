// What UDP sockets exchange with the world outside.
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/net/ip_option.h"
#include "guest/kernel/net/udp_socket.h"

namespace mayfly::kernel {

bool UdpSocket::leads_outside(const InetAddress& destination) {
  if (protocol() != kProtocolUdp || destination.is_multicast()) return false;
  if (!destination.is_local()) return true;
  // The resolver is there, and the operator may have allowed a port of the host's loopback.
  return destination.is_loopback() && ports().find(destination, false) == nullptr;
}

long UdpSocket::open_outbound() {
  if (outbound_ != nullptr && outbound_->ended()) close_outbound();
  return outbound_ != nullptr ? 0 : OutboundDatagrams::open(kernel(), *this, outbound_);
}

void UdpSocket::close_outbound() {
  if (outbound_ != nullptr) std::exchange(outbound_, nullptr)->close();
}

long UdpSocket::send_outside(Thread& thread, UserIo& io, const InetAddress& destination, u32 flags) {
  if (io.remaining() > OutboundDatagrams::kMostBytes) return -EMSGSIZE;
  u64 deadline_ns = options.send_deadline_ns();
  for (;;) {
    if (long error = open_outbound(); error != 0) return error;
    long sent = outbound_->send(io, destination);
    if (sent != -EAGAIN) return sent;
    if (long result = wait_for_change(thread, flags, deadline_ns); result != 0) return result;
    if (has_error()) return -take_error();
    if (output_shut()) return -EPIPE;
  }
}

bool UdpSocket::take_outbound(UserIo& io, const InetAddress& source, const InetAddress& local) {
  if (!accepts(source) || input_shut()) return true;  // dropped
  if (!has_room(io.remaining())) return false;
  Address source_address;
  source.encode(source_address, family());
  PacketInfo info;
  info.destination = local;
  info.interface = source.is_loopback() ? kLoopbackInterface : kOutsideInterface;
  info.hops = kDefaultHops;
  (void)deliver(io, source_address, {}, info);  // without memory it is lost, as datagrams may be
  return true;
}

void UdpSocket::made_room() {
  DatagramSocket::made_room();
  if (outbound_ != nullptr) outbound_->receive();
}

void UdpSocket::outbound_error(i32 error, const InetAddress& destination) {
  // Without IP_RECVERR only connected sockets hear of what the network says; that the operator has to allow
  // something is told to all.
  if (error != EACCES && !(connected() && accepts(destination))) return;
  set_error(error);
  waiters.wake(EPOLLERR);
}

void UdpSocket::outbound_ended(i32 error) {
  close_outbound();
  // UDP knows no resets: where a slot is lost with a machine's past, the next datagram gets another one.
  if (error != 0 && error != ECONNRESET) set_error(error);
  waiters.wake(EPOLLOUT | EPOLLWRNORM | (has_error() ? u32{EPOLLERR} : 0));
}

}  // namespace mayfly::kernel
