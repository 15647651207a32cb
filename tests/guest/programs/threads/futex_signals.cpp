// A thread that waits on a futex and gets a signal: EINTR, a restart, and no lost wake-up.
#include <pthread.h>
#include <csignal>
#include <ctime>

#include "signals/handle.h"
#include "threads/futex.h"

namespace {

Word word = 0;
std::atomic<int> handled = 0;
void count(int, siginfo_t*, void*) {
  ++handled;
}

struct Result {
  long value = -2;
  int error = 0;
};

/// Lets a thread wait, sends it a signal once it sleeps, then wakes it if it went on sleeping.
Result interrupted(int flags, const timespec* timeout) {
  handle(SIGUSR1, count, flags);
  word = 0;
  handled = 0;
  std::atomic<bool> returned = false;
  Result result;
  std::thread sleeper([&] {
    result.value = futex(&word, FUTEX_WAIT_PRIVATE, 0, timeout);
    result.error = errno;
    returned = true;
  });
  while (futex_two(&word, FUTEX_REQUEUE_PRIVATE, 0, 1, &word) != 1) std::this_thread::yield();
  CHECK(pthread_kill(sleeper.native_handle(), SIGUSR1) == 0);
  while (handled == 0) std::this_thread::yield();
  while (!returned && futex(&word, FUTEX_WAKE_PRIVATE, 1) == 0) std::this_thread::yield();
  sleeper.join();
  CHECK(handled == 1);
  return result;
}

void interruptions() {
  Result result = interrupted(0, nullptr);
  CHECK(result.value == -1 && result.error == EINTR);
  CHECK(interrupted(SA_RESTART, nullptr).value == 0);
  timespec hour{3600, 0};
  result = interrupted(SA_RESTART, &hour);
  CHECK(result.value == -1 && result.error == EINTR);
  passed("interruptions");
}

/// Each wake-up that was counted makes exactly one waiter return 0, whatever signals and deadlines do meanwhile.
void no_wake_up_is_lost() {
  handle(SIGUSR1, count);
  word = 0;
  std::atomic<int> returned = 0;
  std::atomic<bool> ready = false;
  constexpr int kRounds = 2000;
  std::thread sleeper([&] {
    ready = true;
    timespec soon{0, 200'000};
    while (word == 0) {
      if (futex(&word, FUTEX_WAIT_PRIVATE, 0, &soon) == 0) ++returned;
    }
  });
  while (!ready) std::this_thread::yield();
  long woken = 0;
  for (int i = 0; i < kRounds; ++i) {
    CHECK(pthread_kill(sleeper.native_handle(), SIGUSR1) == 0);
    woken += futex(&word, FUTEX_WAKE_PRIVATE, 1);
    if (i % 8 == 0) std::this_thread::yield();
  }
  word = 1;
  woken += futex(&word, FUTEX_WAKE_PRIVATE, 1);
  sleeper.join();
  CHECK(returned == woken);
  passed("no wake-up is lost");
}

}  // namespace

int main() {
  interruptions();
  no_wake_up_is_lost();
}
