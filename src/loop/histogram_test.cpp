#include "loop/histogram.h"

#include <gtest/gtest.h>

#include <numeric>

namespace mayfly::loop {
namespace {

using namespace std::chrono_literals;

std::uint64_t count_of(const HistogramFigures& figures) {
  return std::accumulate(figures.counts.begin(), figures.counts.end(), std::uint64_t{0});
}

TEST(Histogram, ABoundBelongsToItsInterval) {
  Histogram histogram;
  histogram.add(5us);
  histogram.add(5us + 1ns);
  histogram.add(10us);
  EXPECT_EQ(histogram.figures().counts[0], 1u);
  EXPECT_EQ(histogram.figures().counts[1], 2u);
  EXPECT_EQ(histogram.figures().sum_ns, 20'001u);
}

TEST(Histogram, NothingIsTooSmallOrTooLarge) {
  Histogram histogram;
  histogram.add(-1s);
  histogram.add(0s);
  histogram.add(48h);
  EXPECT_EQ(histogram.figures().counts.front(), 2u);
  EXPECT_EQ(histogram.figures().counts.back(), 1u);
  EXPECT_EQ(histogram.figures().sum_ns, 48u * 3'600'000'000'000u);
}

TEST(Histogram, FiguresAddUp) {
  Histogram one, other;
  one.add(1ms);
  other.add(1ms);
  other.add(2s);
  HistogramFigures sum = one.figures();
  sum += other.figures();
  EXPECT_EQ(count_of(sum), 3u);
  EXPECT_EQ(sum.sum_ns, 2'002'000'000u);
}

}  // namespace
}  // namespace mayfly::loop
