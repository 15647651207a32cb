// Waiting for what happens in another process.
#pragma once

#include <chrono>
#include <thread>

#include "child.h"

namespace mayfly::e2e {

/// Looks again and again, as nothing tells. @return false once patience is lost
template <typename Condition>
[[nodiscard]] bool wait_until(const Condition& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace mayfly::e2e
