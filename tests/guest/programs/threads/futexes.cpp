// The futex system call itself: values that differ, time-outs, bit sets, requeueing.
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <ctime>
#include <thread>
#include <vector>

#include "check.h"

namespace {

using Word = std::atomic<unsigned>;

long futex(Word& word, int operation, unsigned value, const void* timeout = nullptr, Word* other = nullptr,
           unsigned last = 0) {
  return syscall(SYS_futex, &word, operation, value, timeout, other, last);
}

long milliseconds_since(const timespec& begin, int clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return (now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1'000'000;
}

void errors() {
  Word word = 5;
  CHECK(futex(word, FUTEX_WAIT_PRIVATE, 6) == -1 && errno == EAGAIN);
  CHECK(futex(word, FUTEX_WAKE_PRIVATE, 1) == 0);
  timespec invalid{0, 2'000'000'000};
  CHECK(futex(word, FUTEX_WAIT_PRIVATE, 5, &invalid) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_futex, 1, FUTEX_WAKE, 1, nullptr, nullptr, 0) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_futex, 16, FUTEX_WAIT, 1, nullptr, nullptr, 0) == -1 && errno == EFAULT);
  passed("errors");
}

void timeouts() {
  Word word = 0;
  timespec begin{};
  clock_gettime(CLOCK_MONOTONIC, &begin);
  timespec relative{0, 20'000'000};
  CHECK(futex(word, FUTEX_WAIT_PRIVATE, 0, &relative) == -1 && errno == ETIMEDOUT);
  CHECK(milliseconds_since(begin, CLOCK_MONOTONIC) >= 20);

  for (int clock : {CLOCK_MONOTONIC, CLOCK_REALTIME}) {
    clock_gettime(clock, &begin);
    timespec deadline = begin;
    deadline.tv_nsec += 20'000'000;
    if (deadline.tv_nsec >= 1'000'000'000) deadline.tv_sec += 1, deadline.tv_nsec -= 1'000'000'000;
    int operation = FUTEX_WAIT_BITSET_PRIVATE | (clock == CLOCK_REALTIME ? FUTEX_CLOCK_REALTIME : 0);
    CHECK(futex(word, operation, 0, &deadline, nullptr, FUTEX_BITSET_MATCH_ANY) == -1 && errno == ETIMEDOUT);
    CHECK(milliseconds_since(begin, clock) >= 20);
    deadline.tv_sec = 1;
    CHECK(futex(word, operation, 0, &deadline, nullptr, FUTEX_BITSET_MATCH_ANY) == -1 && errno == ETIMEDOUT);
  }
  passed("time-outs");
}

/// Starts a thread that waits on `word` for `bits`, and comes back when it sleeps (as far as one can tell).
std::thread sleeper(Word& word, unsigned bits, std::atomic<int>& woken) {
  std::atomic<bool> started = false;
  std::thread thread([&, bits] {
    started = true;
    while (word == 0) {
      if (futex(word, FUTEX_WAIT_BITSET_PRIVATE, 0, nullptr, nullptr, bits) == 0) break;
    }
    ++woken;
  });
  while (!started) std::this_thread::yield();
  return thread;
}

/// Wakes until `count` threads have been found asleep.
void wake_exactly(Word& word, unsigned bits, long count) {
  while (count > 0) {
    count -= futex(word, FUTEX_WAKE_BITSET_PRIVATE, 1, nullptr, nullptr, bits);
    std::this_thread::yield();
  }
}

void bit_sets() {
  Word word = 0;
  std::atomic<int> first_woken = 0;
  std::atomic<int> second_woken = 0;
  std::thread first = sleeper(word, 1, first_woken);
  std::thread second = sleeper(word, 2, second_woken);
  wake_exactly(word, 2, 1);
  second.join();
  CHECK(first_woken == 0);
  wake_exactly(word, 1, 1);
  first.join();
  passed("bit sets");
}

void requeueing() {
  Word word = 0;
  Word target = 0;
  std::atomic<int> woken = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.push_back(sleeper(word, FUTEX_BITSET_MATCH_ANY, woken));
  CHECK(syscall(SYS_futex, &word, FUTEX_CMP_REQUEUE_PRIVATE, 1, 1, &target, 99) == -1 && errno == EAGAIN);
  // Move all four over, then wake them at the target only.
  long moved = 0;
  while (moved < 4) {
    long count = syscall(SYS_futex, &word, FUTEX_CMP_REQUEUE_PRIVATE, 0, 4, &target, 0);
    CHECK(count >= 0);
    moved += count;
    std::this_thread::yield();
  }
  CHECK(futex(word, FUTEX_WAKE_PRIVATE, 4) == 0);
  CHECK(woken == 0);
  CHECK(futex(target, FUTEX_WAKE_PRIVATE, 4) == 4);
  for (std::thread& thread : threads) thread.join();
  passed("requeueing");
}

}  // namespace

int main() {
  errors();
  timeouts();
  bit_sets();
  requeueing();
}
