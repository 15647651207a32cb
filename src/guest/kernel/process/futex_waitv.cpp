// futex_waitv(2): one thread that waits on several words.
#include <linux/errno.h>
#include <linux/time.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/clock_id.h"
#include "guest/kernel/process/syscall.h"
#include "guest/kernel/process/timespec.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kMaxWords = 128;  // FUTEX_WAITV_MAX
constexpr u32 kSize32 = 2;      // FUTEX_32
constexpr u32 kPrivate = 128;   // FUTEX_PRIVATE_FLAG
constexpr u32 kAllWakers = ~u32{0};

/// struct futex_waitv.
struct Wanted {
  u64 value;
  UserAddress word;
  u32 flags;
  u32 reserved;
};

using Sleeper = FutexTable::Sleeper;

/// Reads what is to be waited for, and enlists a sleeper for each word. @return 0 or -errno
long enlist_all(Thread& thread, UserAddress vector, u64 count, Sleeper* sleepers) {
  for (u64 i = 0; i < count; ++i) {
    Wanted wanted{};
    if (!read_user(vector + i * sizeof wanted, wanted)) return -EFAULT;
    if ((wanted.flags & ~(kSize32 | kPrivate)) != 0 || (wanted.flags & kSize32) == 0) return -EINVAL;
    if (wanted.reserved != 0 || wanted.word % sizeof(u32) != 0) return -EINVAL;
    u32 value = 0;
    if (!read_user(wanted.word, value)) return -EFAULT;
    if (value != static_cast<u32>(wanted.value)) return -EAGAIN;
    FutexKey key = futex_key(thread.process, wanted.word, (wanted.flags & kPrivate) != 0);
    new (&sleepers[i]) Sleeper(thread, key, kAllWakers);
    thread.kernel.futexes.enlist(sleepers[i]);
  }
  return 0;
}

/// @return the index of a sleeper that was woken, or -1
long find_woken(const Sleeper* sleepers, u64 count) {
  for (u64 i = 0; i < count; ++i) {
    if (!sleepers[i].linked()) return static_cast<long>(i);
  }
  return -1;
}

long read_absolute_deadline(UserAddress address, int clock, u64& deadline_ns) {
  if (address == 0) return 0;
  if (clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME) return -EINVAL;
  u64 time_ns = 0;
  if (long error = read_timespec(address, time_ns); error != 0) return error;
  deadline_ns = to_monotonic(clock, time_ns);
  return 0;
}

}  // namespace

MAYFLY_SYSCALL(futex_waitv) {
  u64 count = static_cast<u32>(args[1]);
  if (args[2] != 0 || count == 0 || count > kMaxWords || args[0] == 0) return -EINVAL;
  u64 deadline_ns = kNever;
  if (long error = read_absolute_deadline(args[3], static_cast<int>(args[4]), deadline_ns); error != 0) return error;
  Heap& heap = thread.kernel.heap;
  auto* sleepers = static_cast<Sleeper*>(heap.allocate(count * sizeof(Sleeper)));
  if (sleepers == nullptr) return -ENOMEM;
  for (u64 i = 0; i < count; ++i) new (&sleepers[i]) Sleeper;

  long result = enlist_all(thread, args[0], count, sleepers);
  bool is_enlisted = result == 0;
  while (is_enlisted && result == 0) {
    result = thread.block(deadline_ns);
    long woken = find_woken(sleepers, count);
    if (woken >= 0) {
      result = woken;
      break;
    }
  }
  for (u64 i = 0; i < count; ++i) sleepers[i].~Sleeper();
  heap.release(sleepers, count * sizeof(Sleeper));
  return result;
}

}  // namespace mayfly::kernel
