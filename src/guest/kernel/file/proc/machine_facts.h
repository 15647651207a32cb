// What the machine says of itself, wherever a program asks: /proc, uname, sysinfo.
#pragma once

#include "guest/kernel/arch/host.h"

namespace mayfly::kernel {

inline constexpr char kSystemName[] = "Linux";
inline constexpr char kHostName[] = "localhost";
inline constexpr char kRelease[] = "6.1.0-mayfly";
inline constexpr char kVersion[] = "#1 SMP Mayfly";
inline constexpr char kMachine[] = "x86_64";

/// The machine's memory limit; runtimes size caches and heaps by it.
[[nodiscard]] inline u64 memory_bytes() {
  return shared().boot.memory_bytes;
}

}  // namespace mayfly::kernel
