// Processor, memory and limits of the host.
#pragma once

#include <cstdint>
#include <vector>

#include "cli/doctor/check.h"

namespace mayfly::cli {

/// What the host says, before any judgement.
struct HostFacts {
  bool fsgsbase = false;  ///< both the processor has it and the kernel lets user space use it
  bool xsave = false;
  bool rdtscp = false;
  bool constant_tsc = false;
  std::uint64_t available_memory_bytes = 0;
  int overcommit = 0;                 ///< /proc/sys/vm/overcommit_memory
  std::uint64_t open_files = 0;       ///< soft limit
  std::uint64_t open_files_most = 0;  ///< hard limit
};

[[nodiscard]] HostFacts gather_host_facts();

[[nodiscard]] std::vector<Check> judge_host(const HostFacts& facts);

}  // namespace mayfly::cli
