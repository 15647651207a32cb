#include "guest/kernel/process/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

namespace mayfly::kernel {
namespace {

using Bytes = std::array<u8, 32>;

Bytes take(Random& random) {
  Bytes bytes{};
  random.fill(bytes.data(), bytes.size());
  return bytes;
}

TEST(RandomTest, BlockFunctionIsChaCha20) {
  // RFC 8439, A.1, test vector 1: key and nonce zero. The first 32 bytes become the key, the rest comes out.
  Random random;
  const Bytes expected = {0xda, 0x41, 0x59, 0x7c, 0x51, 0x57, 0x48, 0x8d, 0x77, 0x24, 0xe0,
                          0x3f, 0xb8, 0xd8, 0x4a, 0x37, 0x6a, 0x43, 0xb8, 0xf4, 0x15, 0x18,
                          0xa1, 0x1c, 0xc3, 0x87, 0xb6, 0x69, 0xb2, 0xee, 0x65, 0x86};
  EXPECT_EQ(take(random), expected);
}

TEST(RandomTest, NeverRepeats) {
  Random random;
  std::set<Bytes> seen;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(take(random)).second) << i;
}

TEST(RandomTest, SeedsSetMachinesApartAndEqualSeedsDoNot) {
  u8 one[Random::kSeedBytes] = {1};
  u8 other_tail[Random::kSeedBytes] = {1};
  other_tail[Random::kSeedBytes - 1] = 1;
  Random a;
  Random b;
  Random c;
  a.mix(one);
  b.mix(one);
  c.mix(other_tail);
  Bytes from_a = take(a);
  EXPECT_EQ(from_a, take(b));
  EXPECT_NE(from_a, take(c));
}

TEST(RandomTest, LongRequestsHaveNoRepeatedBlocks) {
  Random random;
  std::array<u8, 4096 + 32> bytes{};
  random.fill(bytes.data(), bytes.size());
  std::set<Bytes> seen;
  for (size_t at = 0; at < bytes.size(); at += 32) {
    Bytes block{};
    std::copy_n(bytes.begin() + static_cast<long>(at), 32, block.begin());
    EXPECT_TRUE(seen.insert(block).second) << at;
  }
}

}  // namespace
}  // namespace mayfly::kernel
