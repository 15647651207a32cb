// Options about what programs may reach.
#pragma once

#include <span>

#include "cli/options.h"

namespace mayfly::cli {

/// Part of all_options(), in the order of the documentation.
[[nodiscard]] std::span<const Option> network_options();

}  // namespace mayfly::cli
