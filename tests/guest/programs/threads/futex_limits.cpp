// Futexes: limits of wake-ups, what counts as requeued, arguments that are refused.
#include <climits>
#include <vector>

#include "threads/futex.h"

namespace {

Word word = 0;
Word target = 0;

std::vector<std::thread> sleepers(int count) {
  std::vector<std::thread> threads;
  word = 0;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([] {
      while (word == 0) {
        if (futex(&word, FUTEX_WAIT_PRIVATE, 0) == 0) break;
      }
    });
  }
  // All are asleep when all can be counted.
  while (futex_two(&word, FUTEX_REQUEUE_PRIVATE, 0, INT_MAX, &word) != count) std::this_thread::yield();
  return threads;
}

void wake_limits() {
  auto threads = sleepers(4);
  CHECK(futex(&word, FUTEX_WAKE_PRIVATE, 0) == 1);  // none means one
  CHECK(futex(&word, FUTEX_WAKE_PRIVATE, static_cast<unsigned>(-1)) == 1);
  CHECK(futex(&word, FUTEX_WAKE_PRIVATE, INT_MAX) == 2);
  CHECK(futex(&word, FUTEX_WAKE_PRIVATE, INT_MAX) == 0);
  for (std::thread& thread : threads) thread.join();
  passed("limits of wake-ups");
}

void requeue_counts() {
  auto threads = sleepers(5);
  CHECK(futex_two(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, 2, &target, 0) == 3);
  CHECK(futex(&target, FUTEX_WAKE_PRIVATE, INT_MAX) == 2);
  CHECK(futex_two(&word, FUTEX_REQUEUE_PRIVATE, 0, 1, &target) == 1);
  CHECK(futex(&target, FUTEX_WAKE_PRIVATE, INT_MAX) == 1);
  CHECK(futex(&word, FUTEX_WAKE_PRIVATE, INT_MAX) == 1);
  for (std::thread& thread : threads) thread.join();
  passed("counts of requeueing");
}

void refused() {
  CHECK(futex_two(&word, FUTEX_REQUEUE_PRIVATE, -1, 1, &target) == -1 && errno == EINVAL);
  CHECK(futex_two(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, -1, &target, 0) == -1 && errno == EINVAL);
  CHECK(futex_two(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, 1, &target, 77) == -1 && errno == EAGAIN);
  CHECK(futex_two(&word, FUTEX_REQUEUE_PRIVATE, 1, 1, reinterpret_cast<Word*>(3)) == -1 && errno == EINVAL);
  CHECK(futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, nullptr, nullptr, 0) == -1 && errno == EINVAL);
  CHECK(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 1, nullptr, nullptr, 0) == -1 && errno == EINVAL);
  CHECK(futex(&word, FUTEX_WAKE_PRIVATE | FUTEX_CLOCK_REALTIME, 1) == -1 && errno == ENOSYS);
  CHECK(futex(&word, 99, 1) == -1 && errno == ENOSYS);
  timespec negative{-1, 0};
  CHECK(futex(&word, FUTEX_WAIT_PRIVATE, word, &negative) == -1 && errno == EINVAL);
  CHECK(futex(&word, FUTEX_WAIT_PRIVATE, word, reinterpret_cast<void*>(16)) == -1 && errno == EFAULT);
  passed("refused");
}

}  // namespace

int main() {
  wake_limits();
  requeue_counts();
  refused();
}
