// How the host is to be told of a path that is not in the machine.
#pragma once

#include "abi/outbound.h"

namespace mayfly::kernel {

class Process;

/// Makes a path absolute, and takes "." and ".." out of it by its text alone: there may be nothing to walk along.
/// @return 0, -ENOENT if the working directory was removed, -ENAMETOOLONG or -ENOMEM
long outbound_path(Process& process, const char* name, char (&path)[abi::kOutboundPathBytes]);

}  // namespace mayfly::kernel
