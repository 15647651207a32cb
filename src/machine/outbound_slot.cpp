#include "machine/outbound_slot.h"

#include <algorithm>
#include <cstring>

namespace mayfly::machine {
namespace {

constexpr u32 kReceive = abi::kOutboundReceiveBytes;
constexpr u32 kTransmit = abi::kOutboundTransmitBytes;

/// `size` bytes of a ring from a free-running count on.
RingPieces pieces_of(std::byte* ring, u32 capacity, u32 from, u32 size) {
  const u32 offset = from % capacity;
  const u32 until_end = std::min(size, capacity - offset);
  RingPieces result;
  result.bytes = size;
  if (until_end > 0) result.pieces[static_cast<std::size_t>(result.count++)] = {ring + offset, until_end};
  if (size > until_end) result.pieces[static_cast<std::size_t>(result.count++)] = {ring, size - until_end};
  return result;
}

}  // namespace

std::optional<OutboundRequest> OutboundSlot::begin() {
  abi::Outbound copy;
  std::memcpy(&copy, &slot(), sizeof copy);
  state_ = abi::kOutboundOpening;
  kind_ = copy.kind;
  receive_head_ = transmit_tail_ = guest_closed_ = 0;
  slot().host_closed = slot().error = slot().receive_head = slot().transmit_tail = 0;
  slot_written();
  if (!look()) return std::nullopt;
  OutboundRequest request;
  request.kind = static_cast<abi::OutboundKind>(copy.kind);
  switch (copy.kind) {
    case abi::kOutboundTcp:
      std::copy(std::begin(copy.peer_address), std::end(copy.peer_address), request.address.bytes.begin());
      request.address.port = copy.peer_port;
      return request;
    case abi::kOutboundUdp:
      return request;
    case abi::kOutboundUnix: {
      const std::size_t size = ::strnlen(copy.path, sizeof copy.path);
      if (size == 0 || size == sizeof copy.path) return std::nullopt;
      request.path.assign(copy.path, size);
      return request;
    }
    default:
      return std::nullopt;
  }
}

bool OutboundSlot::look() {
  abi::Outbound copy;
  std::memcpy(&copy, &slot(), sizeof copy);
  const u32 held = copy.transmit_head - transmit_tail_;
  const u32 unread = receive_head_ - copy.receive_tail;
  const bool closes = copy.guest_closed >= guest_closed_ && copy.guest_closed <= kReset;
  if (copy.state != state_ || copy.kind != kind_ || !closes || held > kTransmit || unread > kReceive) return false;
  guest_closed_ = copy.guest_closed;
  held_ = held;
  room_ = kReceive - unread;
  return true;
}

RingPieces OutboundSlot::to_send(u32 offset, u32 size) const {
  return pieces_of(transmit_ring(), kTransmit, transmit_tail_ + offset, size);
}

void OutboundSlot::peek(std::span<std::byte> bytes) const {
  std::byte* to = bytes.data();
  const RingPieces from = to_send(0, static_cast<u32>(bytes.size()));
  for (int i = 0; i < from.count; ++i) {
    const iovec& piece = from.pieces[static_cast<std::size_t>(i)];
    std::memcpy(to, piece.iov_base, piece.iov_len);
    to += piece.iov_len;
  }
}

void OutboundSlot::sent(u32 bytes) {
  transmit_tail_ += bytes;
  held_ -= bytes;
  slot().transmit_tail = transmit_tail_;
  slot_written();
}

RingPieces OutboundSlot::to_fill() const {
  return pieces_of(receive_ring(), kReceive, receive_head_, room_);
}

void OutboundSlot::received(u32 bytes) {
  const RingPieces written = pieces_of(receive_ring(), kReceive, receive_head_, bytes);
  for (int i = 0; i < written.count; ++i) {
    const iovec& piece = written.pieces[static_cast<std::size_t>(i)];
    wrote_(static_cast<const std::byte*>(piece.iov_base), piece.iov_len);
  }
  receive_head_ += bytes;
  room_ -= bytes;
  slot().receive_head = receive_head_;
  slot_written();
}

void OutboundSlot::put(std::span<const std::byte> bytes) {
  const std::byte* from = bytes.data();
  const RingPieces to = pieces_of(receive_ring(), kReceive, receive_head_, static_cast<u32>(bytes.size()));
  for (int i = 0; i < to.count; ++i) {
    const iovec& piece = to.pieces[static_cast<std::size_t>(i)];
    std::memcpy(piece.iov_base, from, piece.iov_len);
    from += piece.iov_len;
  }
  received(static_cast<u32>(bytes.size()));
}

void OutboundSlot::set_local(const net::Address& local) {
  std::copy(local.bytes.begin(), local.bytes.end(), slot().local_address);
  slot().local_port = local.port;
  slot_written();
}

void OutboundSlot::set_open(const net::Address& local) {
  set_state(abi::kOutboundOpen, 0);
  set_local(local);
}

void OutboundSlot::set_state(u32 state, int error) {
  state_ = state;
  slot().state = state;
  slot().error = static_cast<u32>(error);
  slot_written();
}

void OutboundSlot::end() {
  slot().host_closed = 1;
  slot_written();
}

void OutboundSlot::break_off(int error) {
  slot().host_closed = 2;
  set_state(state_ == abi::kOutboundOpening ? abi::kOutboundFailed : abi::kOutboundOpen, error);
}

void OutboundSlot::free() {
  set_state(abi::kOutboundFree, 0);
}

}  // namespace mayfly::machine
