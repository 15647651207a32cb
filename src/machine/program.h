// What to run in a machine, and under which limits.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "abi/types.h"

namespace mayfly::machine {

/// A Linux program as execve(2) takes it. Paths are absolute and mean the guest's view.
struct Program {
  std::string executable;
  std::vector<std::string> arguments;    ///< argv, with the program's name first
  std::vector<std::string> environment;  ///< NAME=VALUE
  std::string working_directory;
};

struct Limits {
  u64 memory_bytes = u64{1} << 30;            ///< of the program until it is frozen
  u64 request_memory_bytes = u64{256} << 20;  ///< mapped by one request beyond the snapshot
};

}  // namespace mayfly::machine
