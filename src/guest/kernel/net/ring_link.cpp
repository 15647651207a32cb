#include "guest/kernel/net/ring_link.h"

namespace mayfly::kernel {

void RingLink::init(const Rings& rings, u32& host_closed, u32& guest_closed) {
  rings_ = rings;
  host_closed_ = &host_closed;
  guest_closed_ = &guest_closed;
}

void RingLink::see() {
  rings_.see();
  seen_closed_ = *host_closed_;
}

void RingLink::tell_changes(i32 error) {
  u32 events = rings_.changes();
  if (*host_closed_ != seen_closed_) {
    seen_closed_ = *host_closed_;
    events |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
    if (output_refused()) {
      events |= EPOLLOUT | EPOLLHUP | EPOLLERR;
      socket_->set_error(error);
    }
  }
  if (events != 0) socket_->waiters.wake(events);
}

long RingLink::peek(UserIo& io, u64 offset, Incoming&) {
  return rings_.receive.peek(io, static_cast<u32>(offset));
}

void RingLink::consume(u64 size_bytes) {
  rings_.receive.consume(static_cast<u32>(size_bytes));
}

long RingLink::send(UserIo& io, Outgoing&) {
  return rings_.transmit.push(io);
}

void RingLink::end_output() {
  if (*guest_closed_ < kCloseOutput) *guest_closed_ = kCloseOutput;
}

}  // namespace mayfly::kernel
