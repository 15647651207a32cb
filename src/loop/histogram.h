// How long things take, as one thread counts and any may read.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "loop/counter.h"

namespace mayfly::loop {

/// What a histogram holds at one time, or the sum of several. The last count is of what is above all bounds.
struct HistogramFigures {
  static constexpr std::array<std::chrono::nanoseconds, 21> kUpperBounds = {
      std::chrono::microseconds(5),     std::chrono::microseconds(10),     std::chrono::microseconds(25),
      std::chrono::microseconds(50),    std::chrono::microseconds(100),    std::chrono::microseconds(250),
      std::chrono::microseconds(500),   std::chrono::microseconds(1'000),  std::chrono::microseconds(2'500),
      std::chrono::milliseconds(5),     std::chrono::milliseconds(10),     std::chrono::milliseconds(25),
      std::chrono::milliseconds(50),    std::chrono::milliseconds(100),    std::chrono::milliseconds(250),
      std::chrono::milliseconds(500),   std::chrono::milliseconds(1'000),  std::chrono::milliseconds(2'500),
      std::chrono::milliseconds(5'000), std::chrono::milliseconds(10'000), std::chrono::milliseconds(30'000)};

  std::array<std::uint64_t, kUpperBounds.size() + 1> counts{};  ///< of each interval, not cumulative
  std::uint64_t sum_ns = 0;

  HistogramFigures& operator+=(const HistogramFigures& other) noexcept {
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
    sum_ns += other.sum_ns;
    return *this;
  }
};

/// Durations by their size, with one writing thread and any number of readers. A reader may see a duration in the
/// counts and not in the sum yet, or the other way round.
class Histogram {
 public:
  /// @param duration counts as 0 if it is negative
  void add(std::chrono::nanoseconds duration) noexcept {
    const auto& bounds = HistogramFigures::kUpperBounds;
    const auto bound = std::lower_bound(bounds.begin(), bounds.end(), duration);
    counts_[static_cast<std::size_t>(bound - bounds.begin())].add();
    sum_ns_.add(static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0)));
  }
  [[nodiscard]] HistogramFigures figures() const noexcept {
    HistogramFigures figures;
    for (std::size_t i = 0; i < counts_.size(); ++i) figures.counts[i] = counts_[i].get();
    figures.sum_ns = sum_ns_.get();
    return figures;
  }

 private:
  std::array<Counter, HistogramFigures::kUpperBounds.size() + 1> counts_;
  Counter sum_ns_;
};

}  // namespace mayfly::loop
