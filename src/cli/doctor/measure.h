// What entering and resetting a machine costs here.
#pragma once

#include <vector>

#include "cli/doctor/check.h"

namespace mayfly::cli {

/// Takes well under a second; leaves the kick signal blocked in the calling thread (vm/kick.h). Needs a host on which
/// nothing is missing. Throws Error.
[[nodiscard]] std::vector<Measurement> measure_costs();

}  // namespace mayfly::cli
