#include "vm/sticky_pages.h"

#include <gtest/gtest.h>

#include <array>

namespace mayfly::vm {

bool operator==(const StickyPages::Run& left, const StickyPages::Run& right) {
  return left.first == right.first && left.pages == right.pages;
}

namespace {

std::vector<StickyPages::Run> runs_of(StickyPages& pages) {
  auto runs = pages.runs();
  return {runs.begin(), runs.end()};
}

TEST(StickyPages, NeighboursAreOneRun) {
  StickyPages pages(200);
  EXPECT_TRUE(runs_of(pages).empty());
  for (u64 page : {u64{7}, u64{5}, u64{6}, u64{199}, u64{0}}) pages.add(page);
  EXPECT_EQ(runs_of(pages), (std::vector<StickyPages::Run>{{0, 1}, {5, 3}, {199, 1}}));
}

TEST(StickyPages, RunsCrossWords) {
  StickyPages pages(200);
  for (u64 page = 60; page < 130; ++page) pages.add(page);
  EXPECT_EQ(runs_of(pages), (std::vector<StickyPages::Run>{{60, 70}}));
}

TEST(StickyPages, KeepsWhatItKnows) {
  StickyPages pages(128);
  pages.add(3);
  (void)pages.runs();
  pages.add(3);
  EXPECT_EQ(runs_of(pages), (std::vector<StickyPages::Run>{{3, 1}}));
  pages.add_all(std::array<u64, 2>{u64{1} << 4, u64{1} << 63});
  EXPECT_EQ(runs_of(pages), (std::vector<StickyPages::Run>{{3, 2}, {127, 1}}));
  pages.add_all(std::array<u64, 2>{0, 0});
  EXPECT_EQ(runs_of(pages), (std::vector<StickyPages::Run>{{3, 2}, {127, 1}}));
}

}  // namespace
}  // namespace mayfly::vm
