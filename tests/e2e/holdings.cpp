#include "holdings.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <thread>

namespace mayfly::e2e {
namespace {

/// AddressSanitizer keeps what is freed for a while, and each stack that it was allocated from for ever. Its own search
/// for leaks, at the end of the process, tells what is lost.
#ifdef __SANITIZE_ADDRESS__
constexpr long kSanitizersKib = 256 * 1024;
#else
constexpr long kSanitizersKib = 0;
#endif

}  // namespace

Holdings holdings_of(Server& server) {
  const std::filesystem::directory_iterator folder("/proc/" + std::to_string(server.process().pid()) + "/fd");
  return {std::distance(begin(folder), end(folder)), server.resident_kib()};
}

void expect_no_more(Server& server, const Holdings& before, long room_kib) {
  // That a client has left is noticed a little later.
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  Holdings after = holdings_of(server);
  while (after.descriptors > before.descriptors && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
    after = holdings_of(server);
  }
  EXPECT_LE(after.descriptors, before.descriptors);
  EXPECT_LT(after.resident_kib - before.resident_kib, room_kib + kSanitizersKib);
}

}  // namespace mayfly::e2e
