#include "guest/kernel/process/futex.h"

#include <linux/errno.h>
#include <linux/futex.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {

long FutexTable::wait(Thread& thread, UserAddress word, u32 expected, u64 deadline_ns, u32 bits) {
  if (bits == 0) return -EINVAL;
  u32 value = 0;
  if (!read_user(word, value)) return -EFAULT;
  if (value != expected) return -EAGAIN;
  Sleeper sleeper(thread, word, bits);
  bucket(word).push_back(sleeper);
  return thread.block(deadline_ns);
}

long FutexTable::wake(UserAddress word, u32 limit, u32 bits) {
  if (bits == 0) return -EINVAL;
  List<Sleeper>& list = bucket(word);
  u32 woken = 0;
  Sleeper* sleeper = list.front();
  while (sleeper != nullptr && woken < limit) {
    Sleeper* following = list.next(*sleeper);
    if (sleeper->word == word && (sleeper->bits & bits) != 0) {
      sleeper->unlink();
      sleeper->thread.wake_up();
      ++woken;
    }
    sleeper = following;
  }
  return woken;
}

long FutexTable::requeue(UserAddress word, u32 wake_limit, UserAddress target, u32 requeue_limit) {
  long woken = wake(word, wake_limit);
  List<Sleeper>& list = bucket(word);
  u32 moved = 0;
  Sleeper* sleeper = list.front();
  while (sleeper != nullptr && moved < requeue_limit) {
    Sleeper* following = list.next(*sleeper);
    if (sleeper->word == word && word != target) {
      sleeper->word = target;
      bucket(target).push_back(*sleeper);
      ++moved;
    }
    sleeper = following;
  }
  return woken + moved;
}

namespace {

struct Timespec {
  i64 seconds;
  i64 nanoseconds;
};

/// The deadline of FUTEX_WAIT (relative) and FUTEX_WAIT_BITSET (absolute, on either clock). @return 0 or -errno
long read_deadline(UserAddress timeout, u32 operation, u64& deadline_ns) {
  deadline_ns = kNever;
  if (timeout == 0) return 0;
  Timespec time{};
  if (!read_user(timeout, time)) return -EFAULT;
  if (time.seconds < 0 || time.nanoseconds < 0 || time.nanoseconds >= static_cast<i64>(kNanosecondsPerSecond)) {
    return -EINVAL;
  }
  if (time.seconds > i64{1} << 32) return 0;
  u64 value = static_cast<u64>(time.seconds) * kNanosecondsPerSecond + static_cast<u64>(time.nanoseconds);
  if ((operation & FUTEX_CMD_MASK) == FUTEX_WAIT) {
    deadline_ns = monotonic_ns() + value;
  } else if ((operation & FUTEX_CLOCK_REALTIME) != 0) {
    u64 now = realtime_ns();
    deadline_ns = monotonic_ns() + (value > now ? value - now : 0);
  } else {
    deadline_ns = value;
  }
  return 0;
}

/// FUTEX_WAKE_OP: changes the second word, then wakes there if its old value compares as asked.
long wake_operation(FutexTable& table, const SyscallArgs& args) {
  UserAddress target = args[4];
  u32 code = static_cast<u32>(args[5]);
  u32 old = 0;
  if (!read_user(target, old)) return -EFAULT;
  u32 operation = code >> 28 & 7;
  u32 operand = code >> 12 & 0xfff;
  if ((code >> 28 & FUTEX_OP_OPARG_SHIFT) != 0) operand = 1u << (operand & 31);
  u32 compared = code & 0xfff;
  u32 changed = 0;
  switch (operation) {
    case FUTEX_OP_SET:
      changed = operand;
      break;
    case FUTEX_OP_ADD:
      changed = old + operand;
      break;
    case FUTEX_OP_OR:
      changed = old | operand;
      break;
    case FUTEX_OP_ANDN:
      changed = old & ~operand;
      break;
    case FUTEX_OP_XOR:
      changed = old ^ operand;
      break;
    default:
      return -ENOSYS;
  }
  if (!write_user(target, changed)) return -EFAULT;
  auto signed_old = static_cast<i32>(old);
  auto signed_compared = static_cast<i32>(compared);
  bool matches = false;
  switch (code >> 24 & 15) {
    case FUTEX_OP_CMP_EQ:
      matches = signed_old == signed_compared;
      break;
    case FUTEX_OP_CMP_NE:
      matches = signed_old != signed_compared;
      break;
    case FUTEX_OP_CMP_LT:
      matches = signed_old < signed_compared;
      break;
    case FUTEX_OP_CMP_LE:
      matches = signed_old <= signed_compared;
      break;
    case FUTEX_OP_CMP_GT:
      matches = signed_old > signed_compared;
      break;
    case FUTEX_OP_CMP_GE:
      matches = signed_old >= signed_compared;
      break;
    default:
      return -ENOSYS;
  }
  long woken = table.wake(args[0], static_cast<u32>(args[2]));
  if (matches) woken += table.wake(target, static_cast<u32>(args[3]));
  return woken;
}

long compare_requeue(FutexTable& table, const SyscallArgs& args) {
  u32 value = 0;
  if (!read_user(args[0], value)) return -EFAULT;
  if (value != static_cast<u32>(args[5])) return -EAGAIN;
  return table.requeue(args[0], static_cast<u32>(args[2]), args[4], static_cast<u32>(args[3]));
}

}  // namespace

MAYFLY_SYSCALL(futex) {
  FutexTable& table = thread.kernel.futexes;
  auto operation = static_cast<u32>(args[1]);
  if ((args[0] & 3) != 0) return -EINVAL;
  switch (operation & FUTEX_CMD_MASK) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET: {
      u64 deadline_ns = kNever;
      if (long error = read_deadline(args[3], operation, deadline_ns); error != 0) return error;
      bool has_bits = (operation & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET;
      u32 bits = has_bits ? static_cast<u32>(args[5]) : ~0u;
      long result = table.wait(thread, args[0], static_cast<u32>(args[2]), deadline_ns, bits);
      // A relative timeout would start anew on a restart: say EINTR instead, which callers expect as well.
      return result == kRestart && args[3] != 0 ? -EINTR : result;
    }
    case FUTEX_WAKE:
      return table.wake(args[0], static_cast<u32>(args[2]));
    case FUTEX_WAKE_BITSET:
      return table.wake(args[0], static_cast<u32>(args[2]), static_cast<u32>(args[5]));
    case FUTEX_REQUEUE:
      return table.requeue(args[0], static_cast<u32>(args[2]), args[4], static_cast<u32>(args[3]));
    case FUTEX_CMP_REQUEUE:
      return compare_requeue(table, args);
    case FUTEX_WAKE_OP:
      return wake_operation(table, args);
    default:
      return -ENOSYS;  // priority inheritance
  }
}

}  // namespace mayfly::kernel
