#include "guest/kernel/net/host_link.h"

#include <cstring>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {
namespace {

// Values of abi::Connection::host_closed and guest_closed.
constexpr u32 kSendsNoMore = 1;
constexpr u32 kGone = 2;

constexpr u32 kReceiveMask = abi::kReceiveBytes - 1;
constexpr u32 kTransmitMask = abi::kTransmitBytes - 1;

u32 minimum(u32 a, u32 b) {
  return a < b ? a : b;
}

u32 room(u32 head, u32 tail) {
  return abi::kTransmitBytes - (head - tail);
}

}  // namespace

abi::Connection& HostLink::connection() const {
  return shared().connections[slot_];
}

void HostLink::open(StreamSocket& socket) {
  abi::Connection& host = connection();
  socket_ = &socket;
  receive_head_ = host.receive_head;
  transmit_tail_ = host.transmit_tail;
  host_closed_ = host.host_closed;
  host.state = abi::kConnectionOpen;
  socket.attach(*this);
}

void HostLink::refuse() {
  connection().state = abi::kConnectionRefused;
}

InetAddress HostLink::peer() const {
  InetAddress address;
  std::memcpy(address.bytes, connection().peer_address, sizeof address.bytes);
  address.port = connection().peer_port;
  return address;
}

void HostLink::look() {
  abi::Connection& host = connection();
  if (socket_ == nullptr) {
    if (host.state != abi::kConnectionFree && host.host_closed == kGone) host.state = abi::kConnectionFree;
    return;
  }
  u32 events = 0;
  if (host.receive_head != receive_head_) {
    receive_head_ = host.receive_head;
    events |= EPOLLIN | EPOLLRDNORM;
  }
  if (host.transmit_tail != transmit_tail_) {
    bool was_writable = room(host.transmit_head, transmit_tail_) >= kWritableRoom;
    transmit_tail_ = host.transmit_tail;
    if (!was_writable && writable()) events |= EPOLLOUT | EPOLLWRNORM;
  }
  if (host.host_closed != host_closed_) {
    host_closed_ = host.host_closed;
    events |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
    if (host_closed_ == kGone) {
      events |= EPOLLOUT | EPOLLHUP | EPOLLERR;
      socket_->set_error(ECONNRESET);
    }
  }
  if (events != 0) socket_->waiters.wake(events);
}

u64 HostLink::available() {
  return connection().receive_head - connection().receive_tail;
}

long HostLink::peek(UserIo& io, u64 offset, Incoming&) {
  abi::Connection& host = connection();
  u32 at = host.receive_tail + static_cast<u32>(offset);
  long total = 0;
  while (at != host.receive_head && !io.done()) {
    u32 in_ring = at & kReceiveMask;
    u32 step = minimum(host.receive_head - at, abi::kReceiveBytes - in_ring);
    long moved = io.copy_out(shared().receive[slot_] + in_ring, step);
    if (moved < 0) return total > 0 ? total : moved;
    at += static_cast<u32>(moved);
    total += moved;
  }
  return total;
}

void HostLink::consume(u64 size_bytes) {
  connection().receive_tail += static_cast<u32>(size_bytes);
}

long HostLink::send(UserIo& io, Outgoing&) {
  abi::Connection& host = connection();
  long total = 0;
  while (!io.done()) {
    u32 free = room(host.transmit_head, host.transmit_tail);
    if (free == 0) break;
    u32 in_ring = host.transmit_head & kTransmitMask;
    long moved = io.copy_in(shared().transmit[slot_] + in_ring, minimum(free, abi::kTransmitBytes - in_ring));
    if (moved < 0) return total > 0 ? total : moved;
    host.transmit_head += static_cast<u32>(moved);
    total += moved;
  }
  return total;
}

bool HostLink::writable() {
  return room(connection().transmit_head, connection().transmit_tail) >= kWritableRoom;
}

bool HostLink::input_ended() {
  return connection().host_closed >= kSendsNoMore;
}

bool HostLink::output_refused() {
  return connection().host_closed == kGone;
}

void HostLink::end_output() {
  if (connection().guest_closed < kSendsNoMore) connection().guest_closed = kSendsNoMore;
}

void HostLink::release(bool) {
  abi::Connection& host = connection();
  socket_ = nullptr;
  host.guest_closed = kGone;
  if (host.host_closed == kGone) host.state = abi::kConnectionFree;
}

}  // namespace mayfly::kernel
