// System calls without the `syscall` instruction: a trap costs a microsecond or more under software virtualisation, a
// jump costs nothing. Where an instruction of five bytes stands before the `syscall` that may run elsewhere (`mov
// $number, %eax` most of all), a jump takes its place, to a trampoline that does the same, loads the return address and
// enters the kernel directly. The `syscall` itself stays where it is, so a jump to it still works; no stack and no red
// zone is touched.
#pragma once

#include "abi/types.h"
#include "guest/kernel/arch/trap_frame.h"

namespace mayfly::kernel {

class Kernel;

/// The sites of one process. Patches only before the machine is frozen: later ones would be undone by every reset.
class SyscallPatcher {
 public:
  /// Looks at the site of a system call that came by the instruction, and patches it if that is safe.
  /// @param frame rip is that of the instruction behind the `syscall`
  void consider(Kernel& kernel, const TrapFrame& frame);
  [[nodiscard]] u32 patched() const { return patched_; }

 private:
  static constexpr u32 kMaxRegions = 16;
  static constexpr u64 kRegionBytes = 4 * abi::kPageSize;
  static constexpr u32 kRefusedSites = 64;

  /// Trampolines, in reach of the sites near them.
  struct Region {
    u64 base = 0;
    u64 used = 0;
  };
  Region* find_region(Kernel& kernel, u64 site);
  bool refused_before(u64 site) const { return refused_[site % kRefusedSites] == site; }

  Region regions_[kMaxRegions];
  u32 region_count_ = 0;
  u32 patched_ = 0;
  u64 refused_[kRefusedSites] = {};  // sites that cannot be patched, to look at them only once; may forget some
};

}  // namespace mayfly::kernel
