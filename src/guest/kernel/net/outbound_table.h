// Which slots of SharedArea::outbound are whose.
#pragma once

#include "abi/shared.h"
#include "guest/kernel/net/address.h"
#include "guest/kernel/net/ring.h"

namespace mayfly::kernel {

class Kernel;

/// One who holds a slot.
class OutboundUser {
 public:
  /// The host may have changed the slot. May give it back, and destroy this.
  virtual void look() = 0;

 protected:
  ~OutboundUser() = default;
};

/// A slot that was given back stays in use until the host has freed it.
class OutboundTable {
 public:
  /// Takes a free slot and clears it for a connection of `kind`, which the user begins by kOutboundOpening.
  /// Lets the host work if all are in use but some only because it has not freed them yet.
  /// @return its number, or -ENOBUFS, which the user is told of
  long take(Kernel& kernel, OutboundUser& user, abi::OutboundKind kind);
  /// @param how kCloseBoth or kCloseReset
  void give_back(u32 slot, u32 how);
  /// After a wait: lets all users look, and finds what the host has freed.
  void look();
  /// Before a wait: tells the host which slots are in use.
  void publish() const;

  [[nodiscard]] static abi::Outbound& at(u32 slot);
  [[nodiscard]] static Rings rings(u32 slot);
  [[nodiscard]] static InetAddress local_address(u32 slot);

 private:
  [[nodiscard]] bool any_given_back() const;

  OutboundUser* users_[abi::kMaxOutbound] = {};
  u32 in_use_ = 0;  // as bits
};
static_assert(abi::kMaxOutbound == 32);

}  // namespace mayfly::kernel
