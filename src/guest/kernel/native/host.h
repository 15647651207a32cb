// The host as unit tests see it: an object that answers host calls.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "abi/shared.h"

namespace mayfly::kernel::native {

/// Answers host calls of natively compiled kernel code. Tests set what they need; the defaults succeed and do nothing.
struct Host {
  /// Replaces the default answer of a call.
  std::function<long(abi::Call call, const u64 (&args)[6])> on_call;
  /// Runs when nothing is runnable; must make something happen, or the test fails.
  std::function<void()> on_wait;
  std::string console;               ///< what was written to stdout and stderr
  std::vector<std::string> reports;  ///< texts of report()
  u64 now_ns = 1'000'000'000;        ///< both clocks
};

/// The host in force; the fixture sets it for the time of a test.
Host& host();
void set_host(Host* host);

}  // namespace mayfly::kernel::native
