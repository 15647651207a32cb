// The processor's extended state (x87 to AVX-512, PKRU) as XSAVE stores it. x86-64 only.
//
// The kernel uses no vector registers, so that while it runs, the program's are live in the processor.
#pragma once

#include "abi/types.h"

namespace mayfly::kernel {

/// x87, SSE, AVX, AVX-512 and PKRU.
inline constexpr u64 kExtendedStateMask = 0x2e7;
/// What these take in the standard format at most: PKRU is last, at 2688 on Intel; AMD packs them closer.
inline constexpr u64 kSignalStateBytes = 2696;

/// Stores the live state. @param area aligned to 64, kExtendedStateBytes long, its XSAVE header zero or from a save
void save_extended_state(u8* area);
/// Makes `area` the live state; it must have been saved or sanitised.
void load_extended_state(const u8* area);
/// Clears what would make load_extended_state fault. @param area content that the program could change
void sanitize_extended_state(u8* area);
/// Gives the registers their initial values; PKRU stays.
/// @param scratch aligned to 64, kExtendedStateBytes long; its contents are lost
void reset_extended_state(u8* scratch);
/// Components that XCR0 enables, of those in the mask.
[[nodiscard]] u64 enabled_components();

}  // namespace mayfly::kernel
