// What the machine says of itself, wherever a program asks: /proc, uname, sysinfo.
#pragma once

#include "abi/types.h"

namespace mayfly::kernel {

inline constexpr char kSystemName[] = "Linux";
inline constexpr char kHostName[] = "mayfly";
inline constexpr char kRelease[] = "6.1.0-mayfly";
inline constexpr char kVersion[] = "#1 SMP Mayfly";
inline constexpr char kMachine[] = "x86_64";

/// The host's limit is not known here; runtimes size caches and heaps by this. As sysinfo says.
inline constexpr u64 kMemoryBytes = u64{1} << 30;

}  // namespace mayfly::kernel
