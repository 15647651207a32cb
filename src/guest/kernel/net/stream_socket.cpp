#include "guest/kernel/net/stream_socket.h"

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/pipe.h"
#include "guest/kernel/net/outbound_link.h"

namespace mayfly::kernel {

void Backlog::set_limit(i32 limit) {
  limit_ = limit < 0 || static_cast<u32>(limit) > kMaxLimit ? kMaxLimit : static_cast<u32>(limit);
}

void Backlog::push(Ref<StreamSocket> socket) {
  StreamSocket* last = socket.get();
  (last_ != nullptr ? last_->next_in_backlog_ : first_) = std::move(socket);
  last_ = last;
  ++count_;
}

Ref<StreamSocket> Backlog::pop() {
  if (!first_) return {};
  Ref<StreamSocket> socket = std::move(first_);
  first_ = std::move(socket->next_in_backlog_);
  if (!first_) last_ = nullptr;
  --count_;
  room_waiters.wake();
  return socket;
}

StreamSocket::~StreamSocket() {
  if (backlog_ != nullptr) kernel().heap.destroy(backlog_);
  if (link_ != nullptr) link_->release(options.resets_on_close());
  abandon_opening();
}

void StreamSocket::set_opening(OutboundLink& link) {
  opening_ = &link;
}

void StreamSocket::abandon_opening() {
  if (opening_ != nullptr) std::exchange(opening_, nullptr)->release(true);
}

void StreamSocket::outbound_done(OutboundLink& link, i32 error) {
  opening_ = nullptr;
  if (error == 0) attach(link);
  outbound_finished(link, error);
}

void StreamSocket::queue_for_accept(Ref<StreamSocket> socket) {
  backlog_->push(std::move(socket));
  waiters.wake(EPOLLIN | EPOLLRDNORM);
}

long StreamSocket::listen(i32 limit) {
  if (link_ != nullptr || connecting()) return -EINVAL;
  if (backlog_ == nullptr) backlog_ = kernel().heap.make<Backlog>();
  if (backlog_ == nullptr) return -ENOMEM;
  backlog_->set_limit(limit);
  return 0;
}

void StreamSocket::stop_listening() {
  kernel().heap.destroy(std::exchange(backlog_, nullptr));
  stopped_listening();
}

long StreamSocket::accept(Thread& thread, u32 flags, Ref<Socket>& accepted) {
  u64 deadline_ns = options.receive_deadline_ns();
  while (backlog_ != nullptr) {
    if (Ref<StreamSocket> socket = backlog_->pop()) {
      socket->set_flags(O_RDWR | flags);
      accepted = socket;
      return 0;
    }
    long result = wait_for_change(thread, 0, deadline_ns);
    if (result != 0) return result;
  }
  return -EINVAL;
}

long StreamSocket::output_error(Thread& thread, u32 flags) {
  if (i32 error = take_error(); error != 0) return -error;
  // As Linux: packets break without a signal.
  return (flags & kMessageNoSignal) != 0 || packets() ? -EPIPE : broken_pipe(thread);
}

/// Only TCP takes an address that it does not need.
long StreamSocket::check_destination(const Outgoing& message) const {
  if (message.destination == nullptr || family() != kFamilyUnix || packets()) return 0;
  return link_ != nullptr ? -EISCONN : -EOPNOTSUPP;
}

long StreamSocket::send(Thread& thread, UserIo& io, Outgoing& message) {
  if ((message.flags & kMessageFastOpen) != 0 && family() != kFamilyUnix) return -EOPNOTSUPP;
  if (long error = check_destination(message); error != 0) return error;
  u64 deadline_ns = options.send_deadline_ns();
  if (link_ == nullptr) {
    if (long error = finish_connecting(thread, message.flags, deadline_ns); error != 0) return error;
    if (link_ == nullptr) return family() == kFamilyUnix ? -ENOTCONN : output_error(thread, message.flags);
  }
  if ((message.flags & kMessageOutOfBand) != 0) return -EOPNOTSUPP;
  long total = 0;
  do {
    if (has_error() || output_over()) return total > 0 ? total : output_error(thread, message.flags);
    long moved = link_->send(io, message);
    if (moved < 0) return total > 0 ? total : moved;
    total += moved;
    if (moved > 0 || io.done()) continue;
    long result = wait_for_change(thread, message.flags, deadline_ns);
    if (result != 0) return total > 0 ? total : result;
  } while (!io.done());
  return total;
}

long StreamSocket::take(UserIo& io, u64 total, Incoming& message) {
  bool peek = (message.flags & kMessagePeek) != 0;
  if ((message.flags & kMessageTruncated) != 0 && family() != kFamilyUnix) {
    // tcp(7): MSG_TRUNC throws bytes away in place of copying them.
    u64 skipped = io.skip(link_->available());
    if (!peek) link_->consume(skipped);
    return static_cast<long>(skipped);
  }
  long moved = link_->peek(io, peek ? total : 0, message);
  if (!peek && (moved > 0 || packets())) link_->consume(moved > 0 ? static_cast<u64>(moved) : 0);
  return moved;
}

long StreamSocket::finish_connecting(Thread& thread, u32 message_flags, u64 deadline_ns) {
  while (connecting()) {
    if (long result = wait_for_change(thread, message_flags, deadline_ns); result != 0) return result;
  }
  return 0;
}

long StreamSocket::receive_unconnected(Thread& thread, u32 message_flags) {
  long result = finish_connecting(thread, message_flags, options.receive_deadline_ns());
  if (result != 0) return result;
  if (link_ != nullptr) return 0;
  if (has_error()) return -take_error();
  return family() == kFamilyUnix && !packets() ? -EINVAL : -ENOTCONN;
}

long StreamSocket::receive(Thread& thread, UserIo& io, Incoming& message) {
  if (link_ == nullptr) {
    if (input_shut_ && !has_error()) return 0;
    if (long error = receive_unconnected(thread, message.flags); error != 0) return error;
  }
  if (message.source != nullptr) message.source->size = 0;  // as Linux: a stream names its peer in getpeername only
  if ((message.flags & kMessageErrorQueue) != 0) return -EAGAIN;
  if ((message.flags & kMessageOutOfBand) != 0) return -EINVAL;  // there is no urgent data
  if (io.done() && !packets()) return 0;
  bool wait_for_all = (message.flags & kMessageWaitAll) != 0 && !packets();
  bool peek = (message.flags & kMessagePeek) != 0;
  u64 deadline_ns = options.receive_deadline_ns();
  u64 total = 0;
  for (;;) {
    if (link_->available() > (peek ? total : 0)) {
      long moved = take(io, total, message);
      if (moved < 0) return total > 0 ? static_cast<long>(total) : moved;
      total += static_cast<u64>(moved);
      if (moved == 0 || !wait_for_all || io.done() || message.rights) return static_cast<long>(total);
      continue;
    }
    if (total == 0 && has_error()) return -take_error();
    if (input_over()) return static_cast<long>(total);
    long result = wait_for_change(thread, message.flags, deadline_ns);
    if (result != 0) return total > 0 ? static_cast<long>(total) : result;
  }
}

long StreamSocket::shutdown(bool input, bool output) {
  if (backlog_ != nullptr) {
    if (input) stop_listening();
    waiters.wake();
    return 0;
  }
  if (input && !input_shut_) {
    input_shut_ = true;
    if (link_ != nullptr) link_->end_input();
  }
  if (output && !output_shut_) {
    output_shut_ = true;
    if (link_ != nullptr) link_->end_output();
  }
  waiters.wake();
  // As Linux: it is done even where it is refused.
  return link_ != nullptr || family() == kFamilyUnix ? 0 : -ENOTCONN;
}

u32 StreamSocket::poll() {
  if (backlog_ != nullptr) return backlog_->empty() ? 0u : EPOLLIN | EPOLLRDNORM;
  if (link_ == nullptr) {
    if (connecting()) return 0;
    u32 unconnected = EPOLLOUT | EPOLLWRNORM | EPOLLHUP;
    if (input_shut_) unconnected |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
    return has_error() ? unconnected | EPOLLERR : unconnected;
  }
  bool no_input = input_over();
  bool no_output = output_over();
  u32 events = 0;
  if (no_input || link_->available() > 0) events |= EPOLLIN | EPOLLRDNORM;
  if (no_input) events |= EPOLLRDHUP;
  if (no_output || link_->writable()) events |= EPOLLOUT | EPOLLWRNORM;
  if (no_input && no_output) events |= EPOLLHUP;
  if (has_error()) events |= EPOLLERR;
  return events;
}

}  // namespace mayfly::kernel
