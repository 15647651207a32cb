#include "chaos.h"

#include <gtest/gtest.h>

namespace mayfly::e2e {
namespace {

TEST(Chaos, AMinute) {
  expect_order_in_chaos(std::chrono::seconds(60));
}

}  // namespace
}  // namespace mayfly::e2e
