// Fixed-width names used on both sides of the host ABI; freestanding.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mayfly {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i32 = std::int32_t;
using i64 = std::int64_t;

namespace abi {

/// Both sides refuse to work together unless this matches. Raise it with every change of a structure in abi/.
inline constexpr u32 kVersion = 7;

inline constexpr u64 kPageSize = 4096;
inline constexpr u64 kPageMask = kPageSize - 1;

[[nodiscard]] constexpr u64 page_floor(u64 address) {
  return address & ~kPageMask;
}
[[nodiscard]] constexpr u64 page_ceil(u64 address) {
  return (address + kPageMask) & ~kPageMask;
}

/// Access rights of guest-virtual pages, as bits.
enum Protection : u32 { kProtNone = 0, kProtRead = 1, kProtWrite = 2, kProtExec = 4 };

/// Beside the protection of Call::map_file: pages that have contents already keep them.
inline constexpr u32 kMapMissingOnly = 0x100;

}  // namespace abi
}  // namespace mayfly
