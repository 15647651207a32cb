// The environment that the program in the machine gets.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/config.h"
#include "cli/program.h"

namespace mayfly::cli {

/// A small environment of its own, since Mayfly's may hold secrets; then the runtime's, then --env-file, then --env,
/// each of which replaces what came before. PORT is 8000 unless somebody sets it: many servers insist on it, and in its
/// machine a program may listen wherever it likes.
/// @param runtime NAME=VALUE
/// @return NAME=VALUE, each name once. Throws Error.
[[nodiscard]] std::vector<std::string> program_environment(const Config& config, std::span<const std::string> runtime,
                                                           const Surroundings& surroundings);

}  // namespace mayfly::cli
