// The vDSO in the program's memory.
#pragma once

#include "abi/types.h"

namespace mayfly::kernel {

class Process;

/// Maps a copy of the vDSO that reads this kernel's time page. @return its address for AT_SYSINFO_EHDR, or -errno
long map_vdso(Process& process);

}  // namespace mayfly::kernel
