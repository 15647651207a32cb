// Type bits of st_mode and positions of lseek. The uapi headers leave them to libc.
#pragma once

#include "abi/types.h"

namespace mayfly::kernel {

inline constexpr u32 kModeType = 0170000;
inline constexpr u32 kModeSocket = 0140000;
inline constexpr u32 kModeLink = 0120000;
inline constexpr u32 kModeRegular = 0100000;
inline constexpr u32 kModeBlock = 0060000;
inline constexpr u32 kModeDirectory = 0040000;
inline constexpr u32 kModeCharacter = 0020000;
inline constexpr u32 kModeFifo = 0010000;

enum Whence : int { kSeekStart = 0, kSeekCurrent = 1, kSeekEnd = 2, kSeekData = 3, kSeekHole = 4 };

}  // namespace mayfly::kernel
