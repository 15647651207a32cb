// The doctor's report.
#pragma once

#include <string>

#include "cli/doctor/check.h"

namespace mayfly::cli {

/// Lines for people.
[[nodiscard]] std::string diagnosis_text(const Diagnosis& diagnosis);

/// An object {"ready", "checks": [{"name", "verdict", "found", "remedy"}], "measurements": [...]}.
[[nodiscard]] std::string diagnosis_json(const Diagnosis& diagnosis);

}  // namespace mayfly::cli
