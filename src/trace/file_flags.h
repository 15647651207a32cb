// Flags of open(2), which many calls take.
#pragma once

#include "trace/signature.h"

namespace mayfly::trace {

/// O_RDWR|O_CREAT: an access mode always comes first.
void add_open_flags(Printer& out, u64 value);

/// O_CLOEXEC|O_NONBLOCK: without an access mode, as pipe2 and its like take them.
void print_descriptor_flags(Printer& out, unsigned index, const Argument& argument);

inline constexpr Argument kOpenFlagsOnly{print_descriptor_flags};

}  // namespace mayfly::trace
