// What entering and resetting a machine costs here.
#pragma once

#include <vector>

#include "cli/doctor/check.h"

namespace mayfly::cli {

/// Takes well under a second. Needs a host whose checks are all good. Throws Error.
[[nodiscard]] std::vector<Measurement> measure_costs();

}  // namespace mayfly::cli
