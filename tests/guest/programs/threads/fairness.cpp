// One spinning thread starves nobody: sleepers, waiters of a mutex and readers of a pipe make progress beside it.
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <thread>

#include "check.h"

namespace {

std::atomic<bool> stop = false;
std::atomic<long> spins = 0;

void sleepers() {
  timespec pause{0, 1'000'000};
  for (int i = 0; i < 20; ++i) CHECK(nanosleep(&pause, nullptr) == 0);
  passed("sleepers");
}

void condition_variables() {
  std::mutex mutex;
  std::condition_variable changed;
  int turn = 0;
  std::thread other([&] {
    for (int i = 0; i < 50; ++i) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return turn == 1; });
      turn = 0;
      changed.notify_one();
    }
  });
  for (int i = 0; i < 50; ++i) {
    std::unique_lock lock(mutex);
    turn = 1;
    changed.notify_one();
    changed.wait(lock, [&] { return turn == 0; });
  }
  other.join();
  passed("condition variables");
}

void pipes() {
  int there[2];
  int back[2];
  CHECK(pipe(there) == 0 && pipe(back) == 0);
  std::thread echo([&] {
    char byte = 0;
    while (read(there[0], &byte, 1) == 1) CHECK(write(back[1], &byte, 1) == 1);
  });
  char byte = 'x';
  for (int i = 0; i < 50; ++i) {
    CHECK(write(there[1], &byte, 1) == 1);
    pollfd wanted{back[0], POLLIN, 0};
    CHECK(poll(&wanted, 1, -1) == 1 && read(back[0], &byte, 1) == 1);
  }
  close(there[1]);
  echo.join();
  passed("pipes");
}

}  // namespace

int main() {
  std::thread spinner([] {
    while (!stop) ++spins;
  });
  sleepers();
  condition_variables();
  pipes();
  long before = spins;
  while (spins == before) std::this_thread::yield();
  stop = true;
  spinner.join();
  passed("the spinner, too");
}
