#include "guest/kernel/net/unix_stream.h"

#include <cstring>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/net/local_link.h"
#include "guest/kernel/net/outbound_link.h"
#include "guest/kernel/net/outbound_path.h"

namespace mayfly::kernel {

void UnixStreamSocket::destroy() {
  kernel().heap.destroy(this);
}

bool UnixStreamSocket::pair_with(UnixStreamSocket& other) {
  return LocalPair::connect(kernel(), packets() ? LocalKind::packets : LocalKind::stream, *this, other);
}

long UnixStreamSocket::bind(Thread& thread, const Address& address) {
  return kernel().network.unix_names().bind(thread.process, binding_, address);
}

long UnixStreamSocket::listen(i32 backlog) {
  return binding_.name ? StreamSocket::listen(backlog) : -EINVAL;
}

long UnixStreamSocket::connect(Thread& thread, const Address& address) {
  if (connected()) return -EISCONN;
  if (connecting()) return -EALREADY;
  if (listening()) return -EINVAL;
  u64 deadline_ns = options.send_deadline_ns();
  for (;;) {
    WaitQueue* room_waiters = nullptr;
    {
      // Not kept while waiting: the listener is to know when its last descriptor is closed.
      Ref<Socket> found;
      long error = kernel().network.unix_names().find(thread.process, address, type(), found);
      if (error == 0 && !found->listening()) error = -ECONNREFUSED;
      if (error != 0) return connect_outside(thread, address, deadline_ns, error);
      auto& listener = static_cast<UnixStreamSocket&>(*found);
      if (listener.backlog()->room() > 0) return connect_to(listener);
      room_waiters = &listener.backlog()->room_waiters;
    }
    if (nonblocking()) return -EAGAIN;
    long result = thread.wait(*room_waiters, deadline_ns);
    if (result != 0) return result == -ETIMEDOUT ? -EAGAIN : result;
  }
}

long UnixStreamSocket::connect_to(UnixStreamSocket& listener) {
  Ref<UnixStreamSocket> accepted = kernel().heap.make<UnixStreamSocket>(kernel(), 0u, type());
  if (!accepted || !accepted->options.inherit(listener.options) || !pair_with(*accepted)) return -ENOMEM;
  accepted->binding_.name = listener.binding_.name;
  accepted->peer_name_ = binding_.name;
  peer_name_ = listener.binding_.name;
  listener.queue_for_accept(accepted);
  waiters.wake(EPOLLOUT);
  return 0;
}

long UnixStreamSocket::connect_outside(Thread& thread, const Address& address, u64 deadline_ns, long error) {
  bool not_here = error == -ENOENT || error == -ECONNREFUSED;
  if (!not_here || packets()) return error;
  Ref<UnixName> name = kernel().heap.make<UnixName>(kernel());
  char path[abi::kOutboundPathBytes];
  if (!name || name->decode(address) != 0 || name->abstract()) return error;
  if (outbound_path(thread.process, name->path(), path) != 0) return error;
  OutboundLink* link = nullptr;
  if (long failure = OutboundLink::connect(kernel(), *this, path, link); failure != 0) return failure;
  set_opening(*link);
  if (long failure = await_outbound(thread, deadline_ns); failure != 0) return failure == -ENOENT ? error : failure;
  peer_name_ = name;
  return 0;
}

/// Waits for the host's answer even if the socket does not block: as on Linux, connecting to a unix socket takes no
/// time, and few programs would know what to make of EINPROGRESS.
long UnixStreamSocket::await_outbound(Thread& thread, u64 deadline_ns) {
  while (connecting()) {
    long result = thread.wait(waiters, deadline_ns);
    if (result == 0 || !connecting()) continue;
    abandon_opening();
    if (result == -ETIMEDOUT) return -EAGAIN;
    return deadline_ns != kNever ? -EINTR : result;
  }
  return connected() ? 0 : -take_error();
}

void UnixStreamSocket::outbound_finished(const OutboundLink&, i32 error) {
  set_error(error);
  waiters.wake(error == 0 ? u32{EPOLLOUT | EPOLLWRNORM} : ~0u);
}

long UnixStreamSocket::local_address(Address& address) {
  UnixName::encode(binding_.name.get(), address);
  return 0;
}

long UnixStreamSocket::peer_address(Address& address) {
  if (!connected()) return -ENOTCONN;
  UnixName::encode(peer_name_.get(), address);
  return 0;
}

}  // namespace mayfly::kernel
