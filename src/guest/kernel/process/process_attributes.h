// What prctl(2) and personality(2) remember of a process.
#pragma once

#include "abi/types.h"

namespace mayfly::kernel {

struct ProcessAttributes {
  i32 parent_death_signal = 0;
  bool dumpable = true;
  bool keep_capabilities = false;
  bool no_new_privileges = false;
  bool child_subreaper = false;
  bool huge_pages_disabled = false;
  u32 memory_barriers = 0;  ///< MEMBARRIER_CMD_REGISTER_* done
  u32 personality = 0;
};

}  // namespace mayfly::kernel
