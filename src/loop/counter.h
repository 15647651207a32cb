// Figures that one thread writes and any may read.
#pragma once

#include <atomic>
#include <cstdint>

namespace mayfly::loop {

/// A count with one writing thread and any number of readers: adding is a plain load and store.
class Counter {
 public:
  void add(std::uint64_t amount = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  void subtract(std::uint64_t amount = 1) noexcept { add(~amount + 1); }
  [[nodiscard]] std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

}  // namespace mayfly::loop
