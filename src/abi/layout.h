// Where things lie in the guest's virtual address space. The program has everything below kUserEnd; above it are the
// guest kernel and the pages that the processor itself reads. All of it is one address space without privilege.
#pragma once

#include "abi/types.h"

namespace mayfly::abi {

/// Lowest address that a program may map (as vm.mmap_min_addr).
inline constexpr u64 kUserStart = 0x1'0000;
/// Where a position-independent program is loaded, as Linux does it.
inline constexpr u64 kProgramBase = 0x5555'5555'4000;
/// mmap without a hint grows down from here.
inline constexpr u64 kMmapTop = 0x7ffe'0000'0000;
inline constexpr u64 kStackTop = 0x7ffe'ffff'f000;
inline constexpr u64 kStackSize = 8u << 20;
/// End of what host calls on guest memory accept; the host refuses ranges that reach beyond.
inline constexpr u64 kUserEnd = 0x7fff'0000'0000;

/// The guest kernel's image: text and constants read-only, then data.
inline constexpr u64 kKernelBase = 0x7fff'0000'0000;
/// Memory that the guest kernel allocates from; pages appear at the first touch.
inline constexpr u64 kKernelHeapBase = 0x7fff'2000'0000;
inline constexpr u64 kKernelHeapSize = 1u << 30;
/// GDT, IDT, TSS and the ring 0 stack; belongs to the vm layer. Near the others, to share a table with them.
inline constexpr u64 kSystemBase = 0x7fff'1000'0000;

}  // namespace mayfly::abi
