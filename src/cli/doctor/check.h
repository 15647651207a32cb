// What the doctor found.
#pragma once

#include <string>
#include <vector>

namespace mayfly::cli {

enum class Verdict {
  good,
  poor,     ///< Mayfly works, but slower or within tighter limits
  missing,  ///< Mayfly does not work
};

struct Check {
  std::string name;
  Verdict verdict = Verdict::good;
  std::string found;
  std::string remedy;  ///< how to mend it; empty if good
};

/// A cost on this host.
struct Measurement {
  std::string name;  ///< "exit and return"
  double min = 0;
  double median = 0;
  std::string unit;  ///< "us"
};

struct Diagnosis {
  std::vector<Check> checks;
  std::vector<Measurement> measurements;

  /// Nothing is missing.
  [[nodiscard]] bool ready() const;
};

}  // namespace mayfly::cli
