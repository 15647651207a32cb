// Kicks: making a thread leave KVM_RUN. A signal that the thread blocks everywhere else, so that no handler is needed
// and a kick that comes just before KVM_RUN is not lost.
#pragma once

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "abi/types.h"

namespace mayfly::vm {

/// Lets the kick signal through during KVM_RUN of this vCPU, and nothing that the thread has not unblocked itself.
void set_kick_mask(int vcpu_fd);
/// Blocks the kick signal in the calling thread; every thread that runs machines does so before its first run.
void prepare_thread_for_kicks();
/// Takes a kick that has been delivered (KVM_RUN said EINTR), so that the next KVM_RUN does not see it again.
void consume_kick();

/// Kicks threads that stay in one run of a machine for longer than a time slice. Costs the runs themselves two stores;
/// the ticking thread sleeps while nothing runs.
class SliceTimer {
 public:
  explicit SliceTimer(std::chrono::microseconds slice);
  /// By the thread that made it.
  ~SliceTimer();
  SliceTimer(const SliceTimer&) = delete;
  SliceTimer& operator=(const SliceTimer&) = delete;

  /// One thread's entry; created and used by that thread.
  class Runner {
   public:
    /// A run begins: the slice starts now.
    void begin() {
      run_.fetch_add(1, std::memory_order_relaxed);
      if (timer_.parked_.load(std::memory_order_relaxed)) timer_.unpark();
    }
    /// The run is over.
    void end() { run_.fetch_add(1, std::memory_order_relaxed); }

   private:
    friend class SliceTimer;
    explicit Runner(SliceTimer& timer) : timer_(timer), thread_(pthread_self()) {}
    SliceTimer& timer_;
    pthread_t thread_;
    std::atomic<u64> run_{0};  // odd while running
    u64 seen_ = 0;             // by the timer, at its last tick
  };
  [[nodiscard]] std::shared_ptr<Runner> add_this_thread();

 private:
  void tick_forever();
  /// @return true if any runner was active since the last tick
  bool tick();
  void unpark();

  std::chrono::microseconds slice_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::weak_ptr<Runner>> runners_;
  std::atomic<bool> parked_{false};
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace mayfly::vm
