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
  Ref<Socket> found;
  if (long error = kernel().network.unix_names().find(thread.process, address, found)) return error;
  if (found->type() != type()) return -EPROTOTYPE;
  return connect_to(thread, static_cast<UnixStreamSocket&>(*found));
}

long UnixStreamSocket::connect_to(Thread& thread, UnixStreamSocket& listener) {
  u64 deadline_ns = options.send_deadline_ns();
  while (listener.listening() && listener.backlog()->room() == 0) {
    if (nonblocking()) return -EAGAIN;
    long result = thread.wait(listener.backlog()->room_waiters, deadline_ns);
    if (result != 0) return result == -ETIMEDOUT ? -EAGAIN : result;
  }
  if (!listener.listening()) return -ECONNREFUSED;
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
