// The host's end of one slot of SharedArea::outbound: what the guest has written, checked, and what the host writes.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "abi/shared.h"
#include "machine/outbound_services.h"

namespace mayfly::machine {

/// Is told of each range of guest memory that the host has written.
using HostWrote = std::function<void(const std::byte* address, u64 size_bytes)>;

/// Up to two stretches of a ring, as the system calls for scattered bytes take them.
struct RingPieces {
  std::array<iovec, 2> pieces{};
  int count = 0;
  std::size_t bytes = 0;
};

/// What a guest asks for when it opens a slot.
struct OutboundRequest {
  abi::OutboundKind kind{};
  net::Address address;  ///< TCP
  std::string path;      ///< unix
};

/// The host's counts and states are kept here and never read back. What the guest writes is copied by look(), and is as
/// of then. Not thread-safe; used while the machine stands still.
class OutboundSlot {
 public:
  /// @param area, wrote outlive this
  OutboundSlot(abi::SharedArea& area, const HostWrote& wrote, u32 index) : area_(area), wrote_(wrote), index_(index) {}

  // ---- a slot that the host has no part in
  /// As the guest has it.
  [[nodiscard]] u32 guest_state() const { return slot().state; }
  [[nodiscard]] bool abandoned() const { return slot().guest_closed >= kClosed; }
  /// Takes part in the slot from now on. @return what the guest asks for, or nothing if that makes no sense
  [[nodiscard]] std::optional<OutboundRequest> begin();

  // ---- one that it has a part in
  static constexpr u32 kShut = 1;    ///< of guest_closed()
  static constexpr u32 kClosed = 2;  ///< likewise
  static constexpr u32 kReset = 3;   ///< likewise
  /// Copies what the guest has written since. @return false if it has broken the protocol
  [[nodiscard]] bool look();
  [[nodiscard]] u32 guest_closed() const { return guest_closed_; }

  /// Bytes that the guest wants sent.
  [[nodiscard]] u32 held() const { return held_; }
  [[nodiscard]] RingPieces to_send(u32 offset = 0) const { return to_send(offset, held_ - offset); }
  /// @param offset, size within held()
  [[nodiscard]] RingPieces to_send(u32 offset, u32 size) const;
  /// Copies from the front of them. @param bytes at most held()
  void peek(std::span<std::byte> bytes) const;
  void sent(u32 bytes);

  /// Free bytes towards the guest.
  [[nodiscard]] u32 room() const { return room_; }
  [[nodiscard]] RingPieces to_fill() const;
  /// The first `bytes` of to_fill() have been filled.
  void received(u32 bytes);
  /// @param bytes no more than room()
  void put(std::span<const std::byte> bytes);

  void set_open(const net::Address& local);
  void set_local(const net::Address& local);
  /// Nothing more comes.
  void end();
  /// The connection was not made, or is broken; the guest is to close its side.
  void break_off(int error);
  /// Lets the guest use the slot anew.
  void free();

 private:
  [[nodiscard]] abi::Outbound& slot() const { return area_.outbound[index_]; }
  [[nodiscard]] std::byte* transmit_ring() const {
    return reinterpret_cast<std::byte*>(area_.outbound_transmit[index_]);
  }
  [[nodiscard]] std::byte* receive_ring() const { return reinterpret_cast<std::byte*>(area_.outbound_receive[index_]); }
  void slot_written() const { wrote_(reinterpret_cast<const std::byte*>(&slot()), sizeof(abi::Outbound)); }
  void set_state(u32 state, int error);

  abi::SharedArea& area_;
  const HostWrote& wrote_;
  u32 index_;
  u32 state_ = abi::kOutboundFree;
  u32 kind_ = 0;
  u32 receive_head_ = 0;
  u32 transmit_tail_ = 0;
  // As of the last look.
  u32 guest_closed_ = 0;
  u32 held_ = 0;
  u32 room_ = 0;
};

}  // namespace mayfly::machine
