// What users are told of system calls that no machine answers.
#pragma once

#include <string>

#include "abi/types.h"

namespace mayfly::trace {

/// As in a sentence: the call, and whether it is planned, refused or of no use:
/// "shmget (system call 29), which machines do not have yet".
[[nodiscard]] std::string describe_missing_call(u64 number);

}  // namespace mayfly::trace
