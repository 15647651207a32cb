// Two loops that never make a system call: neither can end without the other being run meanwhile.
#include <atomic>
#include <thread>

#include "check.h"

int main() {
  std::atomic<int> turn = 0;
  constexpr int kRounds = 6;
  std::thread other([&] {
    for (int i = 0; i < kRounds; ++i) {
      while (turn.load(std::memory_order_acquire) != 1) {
      }
      turn.store(0, std::memory_order_release);
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    turn.store(1, std::memory_order_release);
    while (turn.load(std::memory_order_acquire) != 0) {
    }
  }
  other.join();
  passed("both loops made progress");
}
