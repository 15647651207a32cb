// Options that bound what clients and programs may ask of the server.
#pragma once

#include <span>

#include "cli/options.h"

namespace mayfly::cli {

/// Part of all_options(), in the order of the documentation.
[[nodiscard]] std::span<const Option> limit_options();

}  // namespace mayfly::cli
