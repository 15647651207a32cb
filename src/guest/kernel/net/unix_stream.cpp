#include "guest/kernel/net/unix_stream.h"

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/net/local_link.h"

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
  if (listening()) return -EINVAL;
  u64 deadline_ns = options.send_deadline_ns();
  for (;;) {
    WaitQueue* room_waiters = nullptr;
    {
      // Not kept while waiting: the listener is to know when its last descriptor is closed.
      Ref<Socket> found;
      if (long error = kernel().network.unix_names().find(thread.process, address, type(), found)) return error;
      auto& listener = static_cast<UnixStreamSocket&>(*found);
      if (!listener.listening()) return -ECONNREFUSED;
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
