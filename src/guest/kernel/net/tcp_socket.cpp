#include "guest/kernel/net/tcp_socket.h"

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/net/local_link.h"

namespace mayfly::kernel {

void TcpSocket::destroy() {
  kernel().heap.destroy(this);
}

long TcpSocket::bind(Thread&, const Address& address) {
  if (binding_.bound() || connected()) return -EINVAL;
  InetAddress wanted;
  if (long error = wanted.decode(address, family())) return error;
  if (long error = kernel().network.tcp_ports().bind(binding_, wanted)) return error;
  local_ = binding_.address;
  return 0;
}

long TcpSocket::listen(i32 backlog) {
  if (!binding_.bound() && !connected()) {
    if (long error = kernel().network.tcp_ports().bind(binding_, InetAddress::any(family(), 0))) return error;
    local_ = binding_.address;
  }
  return StreamSocket::listen(backlog);
}

Ref<TcpSocket> TcpSocket::make_accepted(const InetAddress& local, const InetAddress& peer) {
  if (!listening() || backlog()->room() == 0) return {};
  Ref<TcpSocket> socket = kernel().heap.make<TcpSocket>(kernel(), 0u, family());
  if (!socket || !socket->options.inherit(options)) return {};
  socket->local_ = local;
  socket->peer_ = peer;
  return socket;
}

bool TcpSocket::admit(HostLink& link) {
  InetAddress peer = link.peer();
  // A wildcard listener's connections have a real address on Linux; the host reaches the machine as loopback.
  InetAddress local =
      local_.is_any() ? InetAddress::loopback(peer.is_v4() || family() == kFamilyInet, local_.port) : local_;
  Ref<TcpSocket> socket = make_accepted(local, peer);
  if (!socket) return false;
  socket->host_ = &link;
  link.open(*socket);
  queue_for_accept(socket);
  return true;
}

long TcpSocket::connect(Thread&, const Address& address) {
  if (connected()) return -EISCONN;
  if (listening()) return -EINVAL;
  if (address.family() == kFamilyNone) return 0;
  InetAddress destination;
  if (long error = destination.decode(address, family())) return error;
  if (destination.is_any()) destination = InetAddress::loopback(destination.is_v4(), destination.port);
  if (!destination.is_local()) {
    report_outbound(destination);
    return -ECONNREFUSED;
  }
  Socket* listener = kernel().network.tcp_ports().find(destination, true);
  if (listener == nullptr) return -ECONNREFUSED;
  return connect_to(static_cast<TcpSocket&>(*listener), destination);
}

long TcpSocket::connect_to(TcpSocket& listener, const InetAddress& destination) {
  if (!binding_.bound()) {
    InetAddress local = InetAddress::loopback(destination.is_v4(), 0);
    if (long error = kernel().network.tcp_ports().bind(binding_, local)) return error;
    local_ = binding_.address;
  }
  if (local_.is_any()) local_ = InetAddress::loopback(destination.is_v4(), local_.port);
  Ref<TcpSocket> accepted = listener.make_accepted(destination, local_);
  // Linux would try again until the backlog has room; a program that fills its own backlog is better told.
  if (!accepted) return -ECONNREFUSED;
  if (!LocalPair::connect(kernel(), LocalKind::tcp, *this, *accepted)) return -ENOMEM;
  peer_ = destination;
  listener.queue_for_accept(accepted);
  waiters.wake(EPOLLOUT);
  return 0;
}

long TcpSocket::local_address(Address& address) {
  InetAddress local = local_.port == 0 ? InetAddress::any(family(), 0) : local_;
  local.encode(address, family());
  return 0;
}

long TcpSocket::peer_address(Address& address) {
  if (!connected()) return -ENOTCONN;
  InetAddress peer = host_ != nullptr ? host_->peer() : peer_;
  // An IPv4 socket has no way to name an IPv6 client.
  if (family() == kFamilyInet && !peer.is_v4()) peer = InetAddress::loopback(true, peer.port);
  peer.encode(address, family());
  return 0;
}

}  // namespace mayfly::kernel
