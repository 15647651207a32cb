// Futexes: threads that wait on a word of the program's memory.
#pragma once

#include "guest/kernel/core/list.h"
#include "guest/kernel/sched/thread.h"

namespace mayfly::kernel {

/// What makes two futexes the same: the address, or for one in shared memory the place in what is mapped.
struct FutexKey {
  const void* object = nullptr;
  u64 place = 0;
  bool operator==(const FutexKey&) const = default;
};
/// @param is_private the caller says that only addresses count: FUTEX_PRIVATE_FLAG
[[nodiscard]] FutexKey futex_key(const Process& process, UserAddress word, bool is_private);

class FutexTable {
 public:
  /// A thread that waits on one word, until it is woken there; on the waiting thread's kernel stack or in the heap.
  struct Sleeper : ListNode<> {
    Sleeper() = default;
    Sleeper(Thread& sleeping, FutexKey at, u32 wake_bits) : thread(&sleeping), key(at), bits(wake_bits) {}
    Thread* thread = nullptr;
    FutexKey key;
    u32 bits = 0;
  };
  /// Lets a sleeper be found. One that is no longer linked has been woken.
  void enlist(Sleeper& sleeper) { bucket(sleeper.key).push_back(sleeper); }
  /// FUTEX_WAIT_BITSET. @return 0, -EAGAIN, -EFAULT, -ETIMEDOUT or kRestart
  long wait(Thread& thread, UserAddress word, FutexKey key, u32 expected, u64 deadline_ns, u32 bits);
  /// FUTEX_WAKE_BITSET. @param limit at least one is woken, whatever it says, as on Linux
  /// @return how many were woken
  long wake(FutexKey key, u32 limit, u32 bits = ~0u);
  /// Wakes up to `wake_limit` (also none), moves up to `requeue_limit` of the rest to `target`. @return woken + moved
  long requeue(FutexKey key, u32 wake_limit, FutexKey target, u32 requeue_limit);

 private:
  static constexpr u32 kBuckets = 256;
  List<Sleeper>& bucket(FutexKey key) { return buckets_[(key.place >> 2) * 0x9e37'79b9 >> 16 & (kBuckets - 1)]; }
  List<Sleeper> buckets_[kBuckets];
};

}  // namespace mayfly::kernel
