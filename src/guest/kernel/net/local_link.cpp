#include "guest/kernel/net/local_link.h"

#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {

LocalPair::LocalPair(Kernel& kernel, LocalKind kind)
    : kernel_(kernel), kind_(kind), ends_{{*this, kernel.heap}, {*this, kernel.heap}} {}

bool LocalPair::connect(Kernel& kernel, LocalKind kind, StreamSocket& first, StreamSocket& second) {
  auto* pair = kernel.heap.make<LocalPair>(kernel, kind);
  if (pair == nullptr) return false;
  pair->ends_[0].socket_ = &first;
  pair->ends_[1].socket_ = &second;
  first.attach(pair->ends_[0]);
  second.attach(pair->ends_[1]);
  return true;
}

LocalEnd& LocalEnd::other() {
  return pair_.ends_[this == &pair_.ends_[0] ? 1 : 0];
}

u64 LocalEnd::capacity() {
  bool tcp = pair_.kind() == LocalKind::tcp;
  const StreamSocket* sender = other().socket_;
  u64 sent = tcp ? kCapacity / 2 : kCapacity;
  u64 received = tcp ? kCapacity / 2 : 0;
  if (sender != nullptr) sent = sender->options.send_buffer(sent);
  if (tcp && socket_ != nullptr) received = socket_->options.receive_buffer(received);
  return sent + received;
}

u64 LocalEnd::room() {
  u64 most = capacity();
  return most > queue_.size() ? most - queue_.size() : 0;
}

bool LocalEnd::writable() {
  return other().room() >= other().writable_room();
}

long LocalEnd::peek(UserIo& io, u64 offset, Incoming& message) {
  if (pair_.kind() == LocalKind::packets) return peek_packet(io, message);
  if (message.rights) return 0;  // one message's files at a time
  u64 front = consumed_ + offset;
  Mark* mark = marks_.front();
  while (mark != nullptr && mark->position < front) mark = marks_.next(*mark);
  if (mark == nullptr) return queue_.peek(io, queue_.size(), offset);
  // As Linux: bytes with files are joined to bytes before them, but not to those behind.
  u64 before = mark->position - front;
  long moved = queue_.peek(io, mark->end - front, offset);
  if (moved > 0 && static_cast<u64>(moved) > before) message.rights = mark->rights;
  return moved;
}

long LocalEnd::peek_packet(UserIo& io, Incoming& message) {
  PacketSize size = 0;
  UserIo header = UserIo::from_kernel(&size, sizeof size);
  queue_.peek(header, sizeof size);
  if (Mark* mark = marks_.front(); mark != nullptr && mark->position == consumed_) message.rights = mark->rights;
  u64 room = io.remaining();
  if (room < size) message.result_flags |= kMessageTruncated;
  long moved = queue_.peek(io, size, sizeof size);
  if (moved < 0) return moved;
  return (message.flags & kMessageTruncated) != 0 ? static_cast<long>(size) : moved;
}

void LocalEnd::consume(u64 size_bytes) {
  if (pair_.kind() == LocalKind::packets) {
    PacketSize size = 0;
    queue_.pop_bytes(&size, sizeof size);
    queue_.discard(size);
    --packet_count_;
    size_bytes = sizeof size + size;
  } else {
    queue_.discard(size_bytes);
  }
  consumed_ += size_bytes;
  drop_marks_before(consumed_);
  u64 now = room();
  bool was_writable = now >= size_bytes + writable_room();
  bool tell = pair_.kind() == LocalKind::packets || (!was_writable && now >= writable_room());
  if (tell && other().socket_ != nullptr) other().socket_->waiters.wake(EPOLLOUT | EPOLLWRNORM);
}

void LocalEnd::drop_marks_before(u64 position) {
  while (Mark* mark = marks_.front()) {
    if (mark->position >= position) return;
    heap_.destroy(mark);
  }
}

long LocalEnd::send(UserIo& io, Outgoing& message) {
  LocalEnd& to = other();
  if (to.socket_ == nullptr) {
    // A peer that closed its TCP socket answers the first bytes with a reset; until then sending looks fine, for as
    // many bytes as buffers hold.
    refused_ = true;
    return static_cast<long>(io.skip(to.room()));
  }
  long moved = to.push(io, message);
  if (moved > 0 || (moved == 0 && to.pair_.kind() == LocalKind::packets && io.done())) {
    to.socket_->waiters.wake(EPOLLIN | EPOLLRDNORM);
  }
  return moved;
}

long LocalEnd::push(UserIo& io, Outgoing& message) {
  bool is_packet = pair_.kind() == LocalKind::packets;
  if (room() == 0 || (!is_packet && io.done())) return 0;
  Mark* mark = nullptr;
  if (message.rights) {
    mark = heap_.make<Mark>(consumed_ + queue_.size(), message.rights);
    if (mark == nullptr) return -ENOMEM;
  }
  u64 size_before = queue_.size();
  long moved = is_packet ? push_packet(io) : queue_.push(io, room());
  if (queue_.size() == size_before) {
    if (mark != nullptr) heap_.destroy(mark);
    return moved;
  }
  if (mark != nullptr) {
    mark->end = consumed_ + queue_.size();
    marks_.push_back(*mark);
    message.rights = {};
  }
  return moved;
}

long LocalEnd::push_packet(UserIo& io) {
  auto size = static_cast<PacketSize>(io.remaining());
  if (io.remaining() + sizeof size > capacity()) return -EMSGSIZE;
  if (room() < size + sizeof size) return 0;
  if (!queue_.push_bytes(&size, sizeof size)) return -ENOMEM;
  long moved = queue_.push(io, size);
  if (moved == static_cast<long>(size)) {
    ++packet_count_;
    return moved;
  }
  queue_.retract(sizeof size + static_cast<u64>(moved > 0 ? moved : 0));
  return moved < 0 ? moved : -EFAULT;
}

void LocalEnd::end_input() {
  // The peer of a unix socket is told (EPIPE), that of a TCP socket is not.
  if (pair_.kind() == LocalKind::tcp) return;
  other().refused_ = true;
  if (other().socket_ != nullptr) other().socket_->waiters.wake(EPOLLOUT | EPOLLHUP);
}

void LocalEnd::end_output() {
  other().ended_ = true;
  if (other().socket_ != nullptr) other().socket_->waiters.wake(EPOLLIN | EPOLLRDNORM | EPOLLRDHUP | EPOLLHUP);
}

void LocalEnd::release(bool reset) {
  bool lost = !queue_.empty() || (reset && pair_.kind() == LocalKind::tcp);
  queue_.clear();
  // Files in flight go first: the other end may be among them, and must not free the pair in the middle of this.
  while (Mark* mark = marks_.front()) heap_.destroy(mark);
  socket_ = nullptr;
  LocalEnd& peer = other();
  if (peer.socket_ == nullptr) {
    pair_.kernel_.heap.destroy(&pair_);
    return;
  }
  peer.ended_ = true;
  if (pair_.kind() != LocalKind::tcp || lost) peer.refused_ = true;
  if (lost) peer.socket_->set_error(ECONNRESET);
  peer.socket_->waiters.wake();
}

}  // namespace mayfly::kernel
