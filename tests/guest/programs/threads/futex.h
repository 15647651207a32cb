// The futex system call, for programs about it.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "check.h"

using Word = std::atomic<unsigned>;

inline long futex(Word* word, int operation, unsigned value, const void* timeout = nullptr, Word* other = nullptr,
                  unsigned last = 0) {
  return syscall(SYS_futex, word, operation, value, timeout, other, last);
}

/// The same with a count where others take a timeout.
inline long futex_two(Word* word, int operation, long first, long second, Word* other, unsigned last = 0) {
  return syscall(SYS_futex, word, operation, first, second, other, last);
}

/// Wakes until `count` threads have been found asleep.
inline void wake_exactly(Word* word, long count) {
  while (count > 0) {
    long woken = futex(word, FUTEX_WAKE_PRIVATE, 1);
    CHECK(woken >= 0);
    count -= woken;
    std::this_thread::yield();
  }
}
