// Which options sockets keep, and between which bounds.
#pragma once

#include "abi/types.h"

namespace mayfly::kernel {

/// An option that is on or off.
struct SwitchRule {
  u32 level;
  u32 name;
};

/// An option with a number.
struct NumberRule {
  u32 level;
  u32 name;
  i32 initial;
  i32 least = INT32_MIN;
  i32 most = INT32_MAX;
  bool minus_one_resets = false;  ///< -1 stands for `initial`
};

inline constexpr u32 kNoRule = ~0u;
/// Numbers whose values are doubled and bounded (socket(7)).
inline constexpr u32 kSendBufferRule = 0;
inline constexpr u32 kReceiveBufferRule = 1;

/// @return the option's place in the table, or kNoRule
[[nodiscard]] u32 find_switch(u32 level, u32 name);
[[nodiscard]] u32 find_number(u32 level, u32 name);
[[nodiscard]] const NumberRule& number_rule(u32 index);

}  // namespace mayfly::kernel
