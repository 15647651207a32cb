// System calls of x86-64 by name.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "abi/types.h"

namespace mayfly::trace {

/// @return empty for a number that no known kernel gives a meaning
[[nodiscard]] std::string_view syscall_name(u64 number);

/// As in a trace: the name, or "syscall_0x1f4".
[[nodiscard]] std::string syscall_label(u64 number);

/// As in a sentence: "mount_setattr (system call 442)".
[[nodiscard]] std::string describe_syscall(u64 number);

/// @return nothing if no call has that name
[[nodiscard]] std::optional<u64> syscall_number(std::string_view name);

}  // namespace mayfly::trace
