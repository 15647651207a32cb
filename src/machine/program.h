// What to run in a machine, and under which limits.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "machine/tracer.h"

namespace mayfly::machine {

/// A Linux program as execve(2) takes it. Paths are absolute and mean the guest's view.
struct Program {
  std::string executable;
  std::vector<std::string> arguments;    ///< argv, with the program's name first
  std::vector<std::string> environment;  ///< NAME=VALUE
  std::string working_directory;
  std::shared_ptr<const TraceSettings> trace = nullptr;  ///< of its system calls; null: none
};

struct Limits {
  u64 memory_bytes = u64{1} << 30;            ///< of the program until it is frozen
  u64 request_memory_bytes = u64{256} << 20;  ///< mapped by one request beyond the snapshot
};

}  // namespace mayfly::machine
