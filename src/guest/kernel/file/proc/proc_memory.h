// /proc/self files about memory.
#pragma once

#include "guest/kernel/file/proc/proc_node.h"

namespace mayfly::kernel {

/// Sizes in bytes. What is resident is not tracked: it counts what may be accessed and was not reserved only.
struct MemoryUse {
  u64 total = 0;
  u64 resident = 0;
  u64 data = 0;
  u64 stack = 0;
  u64 text = 0;
};
MemoryUse memory_use(const AddressSpace& memory);

void show_maps(ProcText& text);
void show_smaps(ProcText& text);
void show_statm(ProcText& text);
void show_status_memory(ProcText& text);  ///< the lines of status from VmPeak on

}  // namespace mayfly::kernel
