// What the operator says about backends.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "backend/target.h"
#include "http/options.h"

namespace mayfly::backend {

/// Shared by all threads, read-only.
struct Settings {
  std::vector<Target> targets;                ///< kMaxTargets at most, each with a name of its own
  std::chrono::milliseconds timeout{30'000};  ///< in which nothing moves: connecting, waiting, between bytes
  std::string ca_file;                        ///< PEM; certificates of https backends may be signed by these, too
  http::Limits limits;                        ///< of heads, both ways; bodies have none
};

}  // namespace mayfly::backend
