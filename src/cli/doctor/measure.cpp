#include "cli/doctor/measure.h"

namespace mayfly::cli {

// Without a machine layer there is nothing to measure.
std::vector<Measurement> measure_costs() {
  return {};
}

}  // namespace mayfly::cli
