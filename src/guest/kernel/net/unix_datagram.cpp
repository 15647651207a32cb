#include "guest/kernel/net/unix_datagram.h"

#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {
namespace {
// What an idle queue can take, so that a socket that can be written to takes a usual message.
constexpr u64 kUsualBytes = 4096;
// What Linux keeps of a send buffer for itself.
constexpr u64 kSendBufferReserve = 32;
}  // namespace

UnixDatagramSocket::~UnixDatagramSocket() {
  while (Connected* connection = connected_.pop_front()) {
    UnixDatagramSocket& socket = connection->socket;
    socket.peer_ = nullptr;
    socket.peer_gone_ = true;
    socket.waiters.wake();
  }
  room_waiters().wake();
}

void UnixDatagramSocket::destroy() {
  kernel().heap.destroy(this);
}

void UnixDatagramSocket::set_peer(UnixDatagramSocket& peer) {
  peer_ = &peer;
  peer_gone_ = false;
  peer_name_ = peer.binding_.name;
  peer.connected_.push_back(connection_);
}

void UnixDatagramSocket::pair_with(UnixDatagramSocket& other) {
  set_peer(other);
  other.set_peer(*this);
}

long UnixDatagramSocket::bind(Thread& thread, const Address& address) {
  return kernel().network.unix_names().bind(thread.process, binding_, address);
}

long UnixDatagramSocket::find(Process& process, const Address& address, Ref<Socket>& found) {
  if (long error = kernel().network.unix_names().find(process, address, type(), found)) return error;
  // A connected socket takes datagrams from its peer only.
  const UnixDatagramSocket* its_peer = static_cast<UnixDatagramSocket&>(*found).peer_;
  return its_peer == nullptr || its_peer == this ? 0 : -EPERM;
}

long UnixDatagramSocket::find_receiver(Process& process, const Outgoing& message, Ref<Socket>& found) {
  if (message.destination != nullptr) return find(process, *message.destination, found);
  if (std::exchange(peer_gone_, false)) return -ECONNREFUSED;
  if (peer_ == nullptr) return -ENOTCONN;
  found = peer_;
  return 0;
}

long UnixDatagramSocket::connect(Thread& thread, const Address& address) {
  if (address.family() == kFamilyNone) {
    connection_.unlink();
    peer_ = nullptr;
    peer_gone_ = false;
    return 0;
  }
  Ref<Socket> found;
  if (long error = find(thread.process, address, found)) return error;
  set_peer(static_cast<UnixDatagramSocket&>(*found));
  return 0;
}

long UnixDatagramSocket::send(Thread& thread, UserIo& io, Outgoing& message) {
  Ref<Socket> found;
  if (long error = find_receiver(thread.process, message, found)) return error;
  if (output_shut()) return -EPIPE;
  if (io.remaining() > PacketQueue::kCapacity - kSendBufferReserve) return -EMSGSIZE;
  auto& to = static_cast<UnixDatagramSocket&>(*found);
  u64 deadline_ns = options.send_deadline_ns();
  while (to.input_shut() || !to.has_room(io.remaining())) {
    if (to.input_shut()) return -EPIPE;
    if (nonblocking() || (message.flags & kMessageDontWait) != 0) return -EAGAIN;
    long result = thread.wait(to.room_waiters(), deadline_ns);
    if (result != 0) return result == -ETIMEDOUT ? -EAGAIN : result;
  }
  Address source;
  if (binding_.name) UnixName::encode(binding_.name.get(), source);
  return to.deliver(io, source, message.rights);
}

bool UnixDatagramSocket::writable() {
  return peer_ == nullptr || peer_->has_room(kUsualBytes);
}

void UnixDatagramSocket::made_room() {
  room_waiters().wake();
  for (Connected* connection = connected_.front(); connection != nullptr; connection = connected_.next(*connection)) {
    connection->socket.waiters.wake(EPOLLOUT | EPOLLWRNORM);
  }
}

long UnixDatagramSocket::local_address(Address& address) {
  UnixName::encode(binding_.name.get(), address);
  return 0;
}

long UnixDatagramSocket::peer_address(Address& address) {
  if (peer_ == nullptr) return -ENOTCONN;
  UnixName::encode(peer_name_.get(), address);
  return 0;
}

}  // namespace mayfly::kernel
