// Threads that hammer the kernel for a while and look whether what must hold does. Each program says what it did on
// standard error, where counts may differ, and what held on standard output, where they may not.
#pragma once

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <string>
#include <thread>

/// Ends the program with status 1 unless `condition` holds.
#define HOLDS(condition)                                                                                       \
  do {                                                                                                         \
    if (!(condition)) {                                                                                        \
      std::fprintf(stderr, "%s:%d: does not hold: %s (errno %d: %s)\n", __FILE__, __LINE__, #condition, errno, \
                   std::strerror(errno));                                                                      \
      std::_Exit(1);                                                                                           \
    }                                                                                                          \
  } while (false)

namespace stress {

/// Small and fast, a generator of its own for each worker.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9e37'79b9'7f4a'7c15 + 1) {}
  std::uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }
  /// In [0, limit).
  std::uint64_t below(std::uint64_t limit) { return next() % limit; }
  bool chance(std::uint64_t one_in) { return below(one_in) == 0; }

 private:
  std::uint64_t state_;
};

class Stress;

/// One thread of the program.
class Worker {
 public:
  Worker(Stress& stress, std::string name, std::uint64_t number)
      : random(number), stress_(stress), name_(std::move(name)) {}
  /// A round is done. @return false when time is up
  bool go_on();
  [[nodiscard]] bool time_is_up() const;
  /// A round of a worker that goes on until others have ended or all is consumed, which must not take for ever.
  void finish_up();

  Random random;

 private:
  friend class Stress;
  Stress& stress_;
  std::string name_;
  std::atomic<std::uint64_t> rounds_{0};
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

/// The workers of a program, the time they have (its first argument, in seconds), and a watchdog that ends the program
/// when one of them stands still.
class Stress {
 public:
  Stress(int argc, char** argv);
  /// Starts `count` threads; the body is called once on each and returns soon after time is up.
  void start(const char* name, int count, const std::function<void(Worker&)>& body);
  /// Waits for all of them and tells that they have ended well.
  int finish(const char* what);
  [[nodiscard]] bool time_is_up() const { return std::chrono::steady_clock::now() >= end_; }

 private:
  friend class Worker;
  void watch();

  std::chrono::steady_clock::time_point end_;
  std::deque<Worker> workers_;
  std::atomic<bool> done_{false};
  std::thread watchdog_;
};

}  // namespace stress
