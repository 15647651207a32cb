#include "guest/kernel/file/pipe.h"

#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {
namespace {

u64 minimum(u64 a, u64 b) {
  return a < b ? a : b;
}

}  // namespace

Pipe::Pipe(Kernel& kernel) : kernel_(kernel), queue_(kernel.heap) {}

void Pipe::destroy() {
  clear();
  kernel_.heap.destroy(this);
}

void Pipe::clear() {
  consume(queue_.size());
}

long Pipe::set_capacity(u64 size_bytes) {
  constexpr u64 kMost = u64{1} << 31;
  if (size_bytes > kMost) return -EINVAL;
  if (size_bytes > kMaxCapacity) return -EPERM;
  u64 rounded = abi::kPageSize;
  while (rounded < size_bytes) rounded *= 2;
  u64 used = capacity_ - room();
  if (rounded < used) return -EBUSY;
  capacity_ = rounded;
  wake_writers();
  return static_cast<long>(rounded);
}

u64 Pipe::room() const {
  u64 used = queue_.size() - packet_bytes_ + packet_count_ * kAtomicBytes;
  return used < capacity_ ? capacity_ - used : 0;
}

bool Pipe::packet_first() const {
  const Packet* packet = packets_.front();
  return packet != nullptr && packet->position == consumed_;
}

u64 Pipe::first_part() const {
  const Packet* packet = packets_.front();
  if (packet == nullptr) return queue_.size();
  return packet->position == consumed_ ? packet->size : packet->position - consumed_;
}

long Pipe::append(UserIo& io, bool is_packet) {
  if (!is_packet) return queue_.push(io, room());
  auto* packet = kernel_.heap.make<Packet>();
  if (packet == nullptr) return -ENOMEM;
  packet->position = consumed_ + queue_.size();
  long pushed = queue_.push(io, minimum(room(), kAtomicBytes));
  if (pushed <= 0) {
    kernel_.heap.destroy(packet);
    return pushed;
  }
  packet->size = static_cast<u32>(pushed);
  packets_.push_back(*packet);
  ++packet_count_;
  packet_bytes_ += packet->size;
  return pushed;
}

long Pipe::peek(UserIo& io) const {
  return queue_.peek(io, first_part());
}

long Pipe::take(UserIo& io) {
  long taken = peek(io);
  if (taken > 0) consume(packet_first() ? first_part() : static_cast<u64>(taken));
  return taken;
}

void Pipe::consume(u64 size_bytes) {
  if (size_bytes == 0) return;
  queue_.discard(size_bytes);
  consumed_ += size_bytes;
  while (Packet* packet = packets_.front()) {
    if (packet->position >= consumed_) return;
    u64 gone = minimum(consumed_ - packet->position, packet->size);
    packet_bytes_ -= gone;
    if (gone < packet->size) {
      packet->position = consumed_;
      packet->size -= static_cast<u32>(gone);
      return;
    }
    kernel_.heap.destroy(packet);
    --packet_count_;
  }
}

void Pipe::wake_writers() {
  if (!has_free_page()) return;
  for (PipeEnd* end = ends.front(); end != nullptr; end = ends.next(*end)) {
    if (end->writable()) end->waiters.wake(EPOLLOUT | EPOLLWRNORM);
  }
}

void Pipe::wake_readers() {
  for (PipeEnd* end = ends.front(); end != nullptr; end = ends.next(*end)) {
    if (end->readable()) end->waiters.wake(EPOLLIN | EPOLLRDNORM);
  }
}

}  // namespace mayfly::kernel
