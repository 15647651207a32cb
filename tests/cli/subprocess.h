// Runs a program to its end.
#pragma once

#include <string>
#include <vector>

namespace mayfly::test {

struct Outcome {
  int status = -1;  ///< exit status; 128 + signal if a signal ended it
  std::string out;
  std::string err;
};

/// @param command program and arguments; the program is a path
/// @param environment NAME=VALUE, all there is
/// @param folder to start in
Outcome run_process(const std::vector<std::string>& command, const std::vector<std::string>& environment,
                    const std::string& folder);

}  // namespace mayfly::test
