// The host's end of one virtual TCP connection: a pair of rings in the machine's shared area.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "abi/shared.h"
#include "vm/memory.h"

namespace mayfly::machine {

/// What the host must remember of a connection; part of a snapshot.
struct ConnectionState {
  bool open = false;
  u32 receive_head = 0;   ///< bytes put in by the host
  u32 transmit_tail = 0;  ///< bytes taken out by the host
};

struct Peer {
  std::array<u8, 16> address{};  ///< IPv6, or IPv4-mapped
  u16 port = 0;
};

/// Its counts are kept here, not in guest memory; what the guest writes is checked at each use. Not thread-safe.
class Connection {
 public:
  /// @param area, memory of one machine; both outlive this
  Connection(abi::SharedArea& area, vm::GuestMemory& memory, u32 index) : area_(area), memory_(memory), index_(index) {}

  /// Asks the guest for a connection to its listening `port`; it takes part in it when it runs next.
  /// @return false if the guest has not let go of this slot yet
  [[nodiscard]] bool open(u16 port, const Peer& peer);
  /// Names another peer for a connection that is open already.
  void set_peer(const Peer& peer);
  [[nodiscard]] bool is_open() const { return state_.open; }
  /// Nobody listened on the port, or the backlog was full.
  [[nodiscard]] bool refused() const { return slot().state == abi::kConnectionRefused; }

  /// @return bytes taken, as many as there was room for
  [[nodiscard]] std::size_t send(std::span<const std::byte> bytes);
  void send_eof();
  /// Bytes from the guest, as far as they are contiguous. Valid until the machine runs again.
  [[nodiscard]] std::span<const std::byte> received() const;
  void consume(std::size_t bytes);
  /// The guest sends no more.
  [[nodiscard]] bool peer_closed() const { return slot().guest_closed != 0 || refused(); }
  /// Lets go of the connection; the guest frees the slot when it runs next.
  void close();

  [[nodiscard]] const ConnectionState& state() const { return state_; }
  void set_state(const ConnectionState& state) { state_ = state; }

 private:
  [[nodiscard]] abi::Connection& slot() const { return area_.connections[index_]; }
  void slot_written() { memory_.host_wrote(reinterpret_cast<const std::byte*>(&slot()), sizeof(abi::Connection)); }

  abi::SharedArea& area_;
  vm::GuestMemory& memory_;
  u32 index_;
  ConnectionState state_;
};

}  // namespace mayfly::machine
