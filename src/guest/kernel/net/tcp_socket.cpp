#include "guest/kernel/net/tcp_socket.h"

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/net/ip_option.h"
#include "guest/kernel/net/local_link.h"
#include "guest/kernel/net/outbound_link.h"

namespace mayfly::kernel {

void TcpSocket::destroy() {
  kernel().heap.destroy(this);
}

long TcpSocket::bind(Thread&, const Address& address) {
  InetAddress wanted;
  if (long error = wanted.decode_for_bind(address, family())) return error;
  if (binding_.bound() || connected() || connecting()) return -EINVAL;
  if (options.on(SocketOptions::v6_only) && wanted.is_v4()) return -EINVAL;
  if (long error = kernel().network.tcp_ports().bind(binding_, wanted)) return error;
  local_ = binding_.address;
  return 0;
}

long TcpSocket::listen(i32 backlog) {
  PortTable& ports = kernel().network.tcp_ports();
  if (!binding_.bound() && !connected()) {
    if (long error = ports.bind(binding_, InetAddress::any(family(), 0))) return error;
    local_ = binding_.address;
  }
  if (!connected() && ports.has_other_listener(binding_)) return -EADDRINUSE;
  return StreamSocket::listen(backlog);
}

long TcpSocket::set_special_option(u32 level, u32 name, UserAddress, u32) {
  return level == kLevelIpv6 && name == kIpv6Only && binding_.bound() ? -EINVAL : -ENOPROTOOPT;
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

long TcpSocket::conclude() {
  progress_ = Progress::none;
  if (connected()) return 0;
  open_both();
  return has_error() ? -take_error() : -ECONNABORTED;
}

long TcpSocket::await_connection(Thread& thread, long late) {
  u64 deadline_ns = options.send_deadline_ns();
  while (progress_ == Progress::waiting) {
    if (nonblocking()) return late;
    long result = thread.wait(waiters, deadline_ns);
    if (result == -ETIMEDOUT) return late;
    // socket(7): with a timeout set, an interrupted call is not restarted.
    if (result != 0) return result == kRestart && deadline_ns != kNever ? -EINTR : result;
  }
  return conclude();
}

/// What connect says of one that was begun before. @return 1 if there is none
long TcpSocket::check_progress(Thread& thread) {
  if (progress_ == Progress::none) return connected() || listening() ? -EISCONN : 1;
  // On Linux a loopback address has answered before connect comes back. The host is asked only by those who ask again:
  // the others hear in the wait that they have anyway.
  const bool local = opening() && peer_.is_loopback();
  if (local && nonblocking() && progress_ == Progress::waiting) kernel().scheduler.let_host_work();
  return await_connection(thread, -EALREADY);
}

long TcpSocket::find_destination(const Address& address, InetAddress& destination) const {
  if (long error = destination.decode(address, family())) return error;
  if (destination.is_any()) destination = InetAddress::loopback(destination.is_v4(), destination.port);
  return options.on(SocketOptions::v6_only) && destination.is_v4() ? -ENETUNREACH : 0;
}

TcpSocket* TcpSocket::find_listener(const InetAddress& destination) {
  return static_cast<TcpSocket*>(kernel().network.tcp_ports().find(destination, true));
}

bool TcpSocket::leads_outside(const InetAddress& destination) {
  // Nobody listens at other addresses of the host's, even if somebody here listens at every address.
  if (!destination.is_local()) return true;
  // Another machine answers what a request asks of its own server.
  if (destination.port == shared().reset.served_port) return true;
  if (!destination.is_loopback()) return false;
  // The operator may have allowed a port of the host's loopback. One that is bound here, if only to listen later, is
  // the machine's own; the local port of a connection is no such claim.
  const Socket* owner = kernel().network.tcp_ports().find(destination, false);
  return owner == nullptr || static_cast<const TcpSocket*>(owner)->connected();
}

long TcpSocket::connect_outside(const InetAddress& destination) {
  if (binding_.bound() && local_.is_loopback() && !destination.is_loopback()) return -EINVAL;
  OutboundLink* link = nullptr;
  if (long error = OutboundLink::connect(kernel(), *this, destination, link); error != 0) return error;
  set_opening(*link);
  peer_ = destination;
  progress_ = Progress::waiting;
  return 0;
}

void TcpSocket::outbound_finished(const OutboundLink& link, i32 error) {
  if (error == 0) local_ = link.local();
  finish_connect(-error);
}

long TcpSocket::try_connect(const InetAddress& destination) {
  TcpSocket* listener = find_listener(destination);
  if (listener == nullptr) return -ECONNREFUSED;
  return listener->backlog()->room() == 0 ? -EAGAIN : connect_to(*listener, destination);
}

long TcpSocket::connect(Thread& thread, const Address& address) {
  if (address.size < sizeof(u16)) return -EINVAL;
  if (address.family() == kFamilyNone) return 0;
  if (long result = check_progress(thread); result != 1) return result;
  InetAddress destination;
  if (long error = find_destination(address, destination)) return error;
  open_both();
  if (leads_outside(destination)) {
    long error = connect_outside(destination);
    return error != 0 ? error : await_connection(thread, -EINPROGRESS);
  }
  long result = try_connect(destination);
  if (!nonblocking()) {
    u64 deadline_ns = options.send_deadline_ns();
    while (result == -EAGAIN) {
      result = thread.wait(find_listener(destination)->backlog()->room_waiters, deadline_ns);
      if (result != 0) return result == -ETIMEDOUT ? -EINPROGRESS : result;
      result = try_connect(destination);
    }
    return result;
  }
  // As Linux, which answers at once even on loopback: a connection that is there already counts as under way.
  if (result == -EAGAIN) {
    peer_ = destination;
    progress_ = Progress::waiting;
    find_listener(destination)->backlog()->room_waiters.add(room_waiter_);
  } else {
    finish_connect(result);
  }
  return -EINPROGRESS;
}

void TcpSocket::finish_connect(long result) {
  room_waiter_.unlink();
  progress_ = result == 0 ? Progress::established : Progress::failed;
  if (result != 0) {
    set_error(static_cast<i32>(-result));
    shut_both();
  }
  waiters.wake(result == 0 ? u32{EPOLLOUT | EPOLLWRNORM} : ~0u);
}

bool TcpSocket::RoomWaiter::wake(u32) {
  long result = socket.try_connect(socket.peer_);
  if (result == -EAGAIN) return false;
  socket.finish_connect(result);
  return true;
}

long TcpSocket::connect_to(TcpSocket& listener, const InetAddress& destination) {
  if (!binding_.bound()) {
    InetAddress local = InetAddress::loopback(destination.is_v4(), 0);
    if (long error = kernel().network.tcp_ports().bind(binding_, local)) return error;
    local_ = binding_.address;
  }
  if (local_.is_any()) local_ = InetAddress::loopback(destination.is_v4(), local_.port);
  Ref<TcpSocket> accepted = listener.make_accepted(destination, local_);
  if (!accepted) return -ENOMEM;
  if (!LocalPair::connect(kernel(), LocalKind::tcp, *this, *accepted)) return -ENOMEM;
  peer_ = destination;
  listener.queue_for_accept(accepted);
  waiters.wake(EPOLLOUT);
  return 0;
}

long TcpSocket::shutdown(bool input, bool output) {
  if (!connecting()) return StreamSocket::shutdown(input, output);
  abandon_opening();
  finish_connect(-ECONNRESET);
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
