#include "guest/kernel/net/datagram_socket.h"

#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {

DatagramSocket::DatagramSocket(Kernel& owner, u32 flags, u16 family, u16 protocol, u16 type)
    : Socket(owner, flags, family, type, protocol), queue_(owner.heap) {}

long DatagramSocket::receive(Thread& thread, UserIo& io, Incoming& message) {
  if ((message.flags & kMessageErrorQueue) != 0) return -EAGAIN;
  u64 deadline_ns = options.receive_deadline_ns();
  while (queue_.empty()) {
    if (has_error()) return -take_error();
    if (input_shut_) return 0;
    long result = wait_for_change(thread, message.flags, deadline_ns);
    if (result != 0) return result;
  }
  long moved = queue_.pop(io, message);
  if ((message.flags & kMessagePeek) == 0) made_room();
  return moved;
}

long DatagramSocket::deliver(UserIo& io, const Address& source, Ref<Rights> rights, PacketInfo info) {
  if (options.on(SocketOptions::timestamp) || options.on(SocketOptions::timestamp_ns)) info.received_ns = realtime_ns();
  long moved = queue_.push(io, source, std::move(rights), info);
  if (moved >= 0) waiters.wake(EPOLLIN | EPOLLRDNORM);
  return moved;
}

long DatagramSocket::shutdown(bool input, bool output) {
  // As Linux: it is done even where it is refused.
  input_shut_ = input_shut_ || input;
  output_shut_ = output_shut_ || output;
  waiters.wake();
  return connected() || family() == kFamilyUnix ? 0 : -ENOTCONN;
}

u32 DatagramSocket::poll() {
  u32 events = 0;
  if (!queue_.empty() || input_shut_) events |= EPOLLIN | EPOLLRDNORM;
  if (input_shut_) events |= EPOLLRDHUP;
  if (input_shut_ && output_shut_) events |= EPOLLHUP;
  if (writable()) events |= EPOLLOUT | EPOLLWRNORM;
  if (has_error()) events |= EPOLLERR;
  return events;
}

}  // namespace mayfly::kernel
