#include "guest/kernel/net/ring.h"

namespace mayfly::kernel {

u32 Ring::before_wrap(u32 count, u32 size_bytes) const {
  u32 left = capacity_ - (count & (capacity_ - 1));
  return size_bytes < left ? size_bytes : left;
}

long Ring::peek(UserIo& io, u32 offset) const {
  u32 from = tail() + offset;
  long total = 0;
  while (from != head() && !io.done()) {
    long moved = io.copy_out(at(from), before_wrap(from, head() - from));
    if (moved < 0) return total > 0 ? total : moved;
    from += static_cast<u32>(moved);
    total += moved;
  }
  return total;
}

long Ring::fill(UserIo& io, u32 from, u32 limit_bytes) const {
  u32 total = 0;
  while (total < limit_bytes && !io.done()) {
    long moved = io.copy_in(at(from + total), before_wrap(from + total, limit_bytes - total));
    if (moved < 0) return total > 0 ? static_cast<long>(total) : moved;
    total += static_cast<u32>(moved);
  }
  return static_cast<long>(total);
}

long Ring::push(UserIo& io) {
  long moved = fill(io, head(), room());
  if (moved > 0) commit(static_cast<u32>(moved));
  return moved;
}

long Ring::stage(UserIo& io, u32 offset) const {
  return fill(io, head() + offset, room() - offset);
}

UserIo Ring::contents(u32 offset, u32 size_bytes, Segment (&segments)[2]) const {
  u32 from = tail() + offset;
  u32 first = before_wrap(from, size_bytes);
  segments[0] = {reinterpret_cast<u64>(at(from)), first};
  segments[1] = {reinterpret_cast<u64>(at(from + first)), size_bytes - first};
  return UserIo::from_iovec(reinterpret_cast<u64>(segments), 2);
}

u32 Rings::changes() {
  u32 events = 0;
  if (receive.head() != seen_head_) events |= EPOLLIN | EPOLLRDNORM;
  if (transmit.tail() != seen_tail_) {
    // More than the ring holds if the host took some unseen, as it may whenever it interrupts: it was full then.
    u32 had_used = transmit.head() - seen_tail_;
    bool was_writable = had_used + writable_room <= transmit.capacity();
    if (!was_writable && writable()) events |= EPOLLOUT | EPOLLWRNORM;
  }
  see();
  return events;
}

}  // namespace mayfly::kernel
