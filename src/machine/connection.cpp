#include "machine/connection.h"

#include <algorithm>
#include <cstring>

namespace mayfly::machine {
namespace {

/// Bytes in a ring; nothing if the counts are impossible, which only a hostile guest can bring about.
u32 bytes_in(u32 head, u32 tail, u32 capacity) {
  u32 held = head - tail;
  return held <= capacity ? held : 0;
}

}  // namespace

bool Connection::open(u16 port, const Peer& peer) {
  abi::Connection& connection = slot();
  if (connection.state != abi::kConnectionFree) return false;
  connection = {};
  connection.port = port;
  connection.state = abi::kConnectionOpening;
  state_ = {.open = true, .receive_head = 0, .transmit_tail = 0};
  set_peer(peer);
  return true;
}

void Connection::set_peer(const Peer& peer) {
  std::copy(peer.address.begin(), peer.address.end(), slot().peer_address);
  slot().peer_port = peer.port;
  slot_written();
}

std::size_t Connection::send(std::span<const std::byte> bytes) {
  u32 tail = slot().receive_tail;
  u32 held = state_.receive_head - tail;
  if (held > abi::kReceiveBytes) return 0;
  u32 count = static_cast<u32>(std::min<std::size_t>(bytes.size(), abi::kReceiveBytes - held));
  u32 offset = state_.receive_head % abi::kReceiveBytes;
  u32 until_end = std::min(count, abi::kReceiveBytes - offset);
  auto* ring = reinterpret_cast<std::byte*>(area_.receive[index_]);
  std::memcpy(ring + offset, bytes.data(), until_end);
  std::memcpy(ring, bytes.data() + until_end, count - until_end);
  memory_.host_wrote(ring + offset, until_end);
  memory_.host_wrote(ring, count - until_end);
  state_.receive_head += count;
  slot().receive_head = state_.receive_head;
  slot_written();
  return count;
}

void Connection::send_eof() {
  slot().host_closed = 1;
  slot_written();
}

std::span<const std::byte> Connection::received() const {
  u32 head = slot().transmit_head;
  u32 held = bytes_in(head, state_.transmit_tail, abi::kTransmitBytes);
  u32 offset = state_.transmit_tail % abi::kTransmitBytes;
  const auto* ring = reinterpret_cast<const std::byte*>(area_.transmit[index_]);
  return {ring + offset, std::min(held, abi::kTransmitBytes - offset)};
}

void Connection::consume(std::size_t bytes) {
  state_.transmit_tail += static_cast<u32>(bytes);
  slot().transmit_tail = state_.transmit_tail;
  slot_written();
}

void Connection::close() {
  if (!state_.open) return;
  state_ = {};
  slot().host_closed = 2;
  slot_written();
}

}  // namespace mayfly::machine
