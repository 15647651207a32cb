// /proc/self files about memory.
#pragma once

#include "guest/kernel/file/proc/proc_node.h"

namespace mayfly::kernel {

/// Sizes in bytes.
struct MemoryUse {
  u64 total = 0;
  u64 resident = 0;
  u64 data = 0;
  u64 stack = 0;
  u64 text = 0;
  u64 locked = 0;
  /// An estimate: the text.
  [[nodiscard]] u64 resident_of_files() const { return text < resident ? text : resident; }
};
MemoryUse memory_use(AddressSpace& memory);

void show_maps(ProcText& text);
void show_smaps(ProcText& text);
void show_smaps_rollup(ProcText& text);
void show_statm(ProcText& text);
void show_status_memory(ProcText& text);  ///< the lines of status from VmPeak on

}  // namespace mayfly::kernel
