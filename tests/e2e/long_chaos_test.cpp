#include "chaos.h"

#include <gtest/gtest.h>

namespace mayfly::e2e {
namespace {

TEST(LongChaos, FiveMinutes) {
  expect_order_in_chaos(std::chrono::seconds(300));
}

}  // namespace
}  // namespace mayfly::e2e
