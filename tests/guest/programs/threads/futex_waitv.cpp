// futex_waitv: one thread waits on several words.
#include <ctime>
#include <iterator>

#include "threads/futex.h"

namespace {

struct Wanted {
  unsigned long value;
  unsigned long word;
  unsigned flags;
  unsigned reserved;
};
constexpr unsigned kPrivate32 = 2 | 128;
constexpr long kFutexWaitv = 449;

long waitv(const Wanted* wanted, unsigned count, unsigned flags = 0, const timespec* deadline = nullptr,
           int clock = CLOCK_MONOTONIC) {
  return syscall(kFutexWaitv, wanted, count, flags, deadline, clock);
}

Wanted on(Word& word, unsigned value) {
  return {value, reinterpret_cast<unsigned long>(&word), kPrivate32, 0};
}

void wakes_and_values() {
  Word words[3] = {1, 2, 3};
  Wanted wanted[3] = {on(words[0], 1), on(words[1], 2), on(words[2], 3)};
  for (long index : {0L, 2L, 1L}) {
    std::atomic<long> result = -2;
    std::thread sleeper([&] { result = waitv(wanted, 3); });
    wake_exactly(&words[index], 1);
    sleeper.join();
    CHECK(result == index);
    CHECK(futex(&words[0], FUTEX_WAKE_PRIVATE, 1) == 0);  // it has left all queues
  }
  words[1] = 9;
  CHECK(waitv(wanted, 3) == -1 && errno == EAGAIN);
  passed("wake-ups and values");
}

void deadlines() {
  Word word = 0;
  Wanted wanted = on(word, 0);
  for (int clock : {CLOCK_MONOTONIC, CLOCK_REALTIME}) {
    timespec deadline{};
    CHECK(clock_gettime(clock, &deadline) == 0);
    timespec begin = deadline;
    deadline.tv_nsec += 20'000'000;
    if (deadline.tv_nsec >= 1'000'000'000) deadline.tv_sec += 1, deadline.tv_nsec -= 1'000'000'000;
    CHECK(waitv(&wanted, 1, 0, &deadline, clock) == -1 && errno == ETIMEDOUT);
    timespec end{};
    CHECK(clock_gettime(clock, &end) == 0);
    CHECK((end.tv_sec - begin.tv_sec) * 1'000'000'000 + end.tv_nsec - begin.tv_nsec >= 20'000'000);
  }
  passed("deadlines");
}

void errors() {
  Word word = 0;
  Wanted wanted[130];
  for (Wanted& entry : wanted) entry = on(word, 1);
  CHECK(waitv(wanted, 0) == -1 && errno == EINVAL);
  CHECK(waitv(wanted, 129) == -1 && errno == EINVAL);
  CHECK(waitv(wanted, 128) == -1 && errno == EAGAIN);
  CHECK(waitv(wanted, 1, 1) == -1 && errno == EINVAL);
  CHECK(waitv(nullptr, 1) == -1 && errno == EINVAL);
  CHECK(waitv(reinterpret_cast<Wanted*>(64), 1) == -1 && errno == EFAULT);
  timespec now{};
  CHECK(waitv(wanted, 1, 0, &now, CLOCK_BOOTTIME) == -1 && errno == EINVAL);
  wanted[0].reserved = 1;
  CHECK(waitv(wanted, 1) == -1 && errno == EINVAL);
  wanted[0] = on(word, 0);
  wanted[0].word = 64;
  CHECK(waitv(wanted, 1) == -1 && errno == EFAULT);
  wanted[0].word = 66;
  CHECK(waitv(wanted, 1) == -1 && errno == EINVAL);
  passed("errors");
}

}  // namespace

int main() {
  wakes_and_values();
  deadlines();
  errors();
}
