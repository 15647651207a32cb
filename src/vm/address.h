// Guest-virtual and guest-physical addresses as types of their own, so that they cannot be mixed.
#pragma once

#include <compare>

#include "abi/types.h"

namespace mayfly::vm {

template <typename Kind>
class Address {
 public:
  constexpr Address() = default;
  constexpr explicit Address(u64 value) : value_(value) {}
  [[nodiscard]] constexpr u64 value() const { return value_; }
  [[nodiscard]] constexpr u64 page_offset() const { return value_ & abi::kPageMask; }
  constexpr Address operator+(u64 bytes) const { return Address(value_ + bytes); }
  constexpr u64 operator-(Address other) const { return value_ - other.value_; }
  constexpr auto operator<=>(const Address&) const = default;

 private:
  u64 value_ = 0;
};

using Gva = Address<struct GuestVirtual>;
using Gpa = Address<struct GuestPhysical>;

}  // namespace mayfly::vm
