// The header at the start of the guest kernel's image: how the host finds its way in.
#pragma once

#include "abi/types.h"

namespace mayfly::abi {

inline constexpr u64 kImageMagic = 0x316c'6e72'6b79'616d;  // "maykrnl1"

/// Number of processor exceptions with a trap stub each.
inline constexpr u32 kTrapVectors = 32;

/// All addresses are guest-virtual.
struct ImageHeader {
  u64 magic;
  u32 version;
  u32 trap_stub_size;  ///< bytes from one trap stub to the next
  u64 boot;            ///< first instruction, run at CPL 3 with RSP at boot_stack_top
  u64 boot_stack_top;
  u64 syscall_entry;    ///< for LSTAR
  u64 kick_entry;       ///< where the host redirects user code that it interrupted, see abi::KickFrame
  u64 resume;           ///< the instruction behind the wait exit: a frozen machine goes on here
  u64 trap_stubs;       ///< CPL 0 stub of exception 0
  u64 shared;           ///< abi::SharedArea
  u64 read_only_begin;  ///< [read_only_begin, read_only_end) holds text and constants: never writable by the guest
  u64 read_only_end;
  u64 end;  ///< end of the image with its zeroed data
};
static_assert(sizeof(ImageHeader) == 8 + 8 + 10 * 8);

}  // namespace mayfly::abi
