#include "guest/kernel/process/futex.h"

#include <linux/errno.h>
#include <linux/futex.h>
#include <linux/time.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/clock_id.h"
#include "guest/kernel/process/syscall.h"
#include "guest/kernel/process/timespec.h"

namespace mayfly::kernel {

FutexKey futex_key(const Process& process, UserAddress word, bool is_private) {
  if (!is_private) {
    const Area* area = process.memory.find(word);
    bool is_shared = area != nullptr && area->begin <= word && area->is(kAreaShared);
    if (is_shared && area->shown() != nullptr) return {area->shown(), area->offset_of(word)};
    if (is_shared && area->file) return {area->file.get(), area->offset_of(word)};
  }
  return {nullptr, word};
}

long FutexTable::wait(Thread& thread, UserAddress word, FutexKey key, u32 expected, u64 deadline_ns, u32 bits) {
  if (bits == 0) return -EINVAL;
  u32 value = 0;
  if (!read_user(word, value)) return -EFAULT;
  if (value != expected) return -EAGAIN;
  Sleeper sleeper(thread, key, bits);
  enlist(sleeper);
  for (;;) {
    long result = thread.block(deadline_ns);
    // Its waker has counted on this thread, even if a signal or the deadline came first.
    if (!sleeper.linked()) return 0;
    if (result != 0) return result;
  }
}

long FutexTable::wake(FutexKey key, u32 limit, u32 bits) {
  if (bits == 0) return -EINVAL;
  List<Sleeper>& list = bucket(key);
  u32 woken = 0;
  Sleeper* sleeper = list.front();
  while (sleeper != nullptr) {
    Sleeper* following = list.next(*sleeper);
    if (sleeper->key == key && (sleeper->bits & bits) != 0) {
      sleeper->unlink();
      sleeper->thread->wake_up();
      if (++woken >= limit) break;
    }
    sleeper = following;
  }
  return woken;
}

long FutexTable::requeue(FutexKey key, u32 wake_limit, FutexKey target, u32 requeue_limit) {
  long woken = wake_limit == 0 ? 0 : wake(key, wake_limit);
  List<Sleeper>& list = bucket(key);
  u32 moved = 0;
  Sleeper* sleeper = list.front();
  while (sleeper != nullptr && moved < requeue_limit) {
    Sleeper* following = list.next(*sleeper);
    if (sleeper->key == key) {
      ++moved;
      if (key != target) {
        sleeper->key = target;
        enlist(*sleeper);
      }
    }
    sleeper = following;
  }
  return woken + moved;
}

namespace {

/// The deadline of FUTEX_WAIT (relative) and FUTEX_WAIT_BITSET (absolute, on either clock). @return 0 or -errno
long read_deadline(UserAddress timeout, u32 operation, u64& deadline_ns) {
  deadline_ns = kNever;
  if (timeout == 0) return 0;
  u64 time_ns = 0;
  if (long error = read_timespec(timeout, time_ns); error != 0) return error;
  if ((operation & FUTEX_CMD_MASK) == FUTEX_WAIT) {
    deadline_ns = add_saturating(monotonic_ns(), time_ns);
  } else {
    bool is_real_time = (operation & FUTEX_CLOCK_REALTIME) != 0;
    deadline_ns = to_monotonic(is_real_time ? CLOCK_REALTIME : CLOCK_MONOTONIC, time_ns);
  }
  return 0;
}

/// A limit of wake-ups: none and less mean one.
u32 wake_limit(u64 argument) {
  auto limit = static_cast<i32>(argument);
  return limit < 1 ? 1 : static_cast<u32>(limit);
}

/// The third word of FUTEX_WAKE_OP: how to change a word, and with what to compare its old value.
struct WakeOperation {
  explicit WakeOperation(u32 code)
      : operation(code >> 28 & 7),
        comparison(code >> 24 & 15),
        operand(sign_extended(code >> 12)),
        compared(sign_extended(code)) {
    bool is_shift = (code >> 28 & FUTEX_OP_OPARG_SHIFT) != 0;
    if (is_shift) operand = static_cast<i32>(u32{1} << (operand & 31));
  }
  /// Twelve bits.
  static i32 sign_extended(u32 bits) { return static_cast<i32>(bits << 20) >> 20; }

  /// @return false for an operation that there is not
  bool apply(u32& value) const {
    auto argument = static_cast<u32>(operand);
    switch (operation) {
      case FUTEX_OP_SET:
        value = argument;
        return true;
      case FUTEX_OP_ADD:
        value += argument;
        return true;
      case FUTEX_OP_OR:
        value |= argument;
        return true;
      case FUTEX_OP_ANDN:
        value &= ~argument;
        return true;
      case FUTEX_OP_XOR:
        value ^= argument;
        return true;
      default:
        return false;
    }
  }

  /// @return 1, 0, or -ENOSYS for a comparison that there is not
  [[nodiscard]] long matches(u32 old) const {
    auto value = static_cast<i32>(old);
    switch (comparison) {
      case FUTEX_OP_CMP_EQ:
        return value == compared;
      case FUTEX_OP_CMP_NE:
        return value != compared;
      case FUTEX_OP_CMP_LT:
        return value < compared;
      case FUTEX_OP_CMP_LE:
        return value <= compared;
      case FUTEX_OP_CMP_GT:
        return value > compared;
      case FUTEX_OP_CMP_GE:
        return value >= compared;
      default:
        return -ENOSYS;
    }
  }

  u32 operation;
  u32 comparison;
  i32 operand;
  i32 compared;
};

/// FUTEX_WAKE_OP: changes the second word, then wakes there if its old value compares as asked.
long wake_operation(const Process& process, FutexTable& table, const SyscallArgs& args) {
  UserAddress target = args[4];
  WakeOperation operation(static_cast<u32>(args[5]));
  u32 old = 0;
  if (target % sizeof old != 0) return -EINVAL;
  if (!read_user(target, old)) return -EFAULT;
  u32 changed = old;
  if (!operation.apply(changed)) return -ENOSYS;
  if (!write_user(target, changed)) return -EFAULT;
  long matches = operation.matches(old);
  if (matches < 0) return matches;
  bool is_private = (args[1] & FUTEX_PRIVATE_FLAG) != 0;
  long woken = table.wake(futex_key(process, args[0], is_private), wake_limit(args[2]));
  if (matches != 0) woken += table.wake(futex_key(process, target, is_private), wake_limit(args[3]));
  return woken;
}

/// FUTEX_REQUEUE and FUTEX_CMP_REQUEUE.
long requeue(const Process& process, FutexTable& table, const SyscallArgs& args, bool compares) {
  auto wake = static_cast<i32>(args[2]);
  auto move = static_cast<i32>(args[3]);
  u32 value = 0;
  if (wake < 0 || move < 0 || args[4] % sizeof value != 0) return -EINVAL;
  if (compares) {
    if (!read_user(args[0], value)) return -EFAULT;
    if (value != static_cast<u32>(args[5])) return -EAGAIN;
  }
  bool is_private = (args[1] & FUTEX_PRIVATE_FLAG) != 0;
  return table.requeue(futex_key(process, args[0], is_private), static_cast<u32>(wake),
                       futex_key(process, args[4], is_private), static_cast<u32>(move));
}

}  // namespace

MAYFLY_SYSCALL(futex) {
  FutexTable& table = thread.kernel.futexes;
  auto operation = static_cast<u32>(args[1]);
  u32 command = operation & FUTEX_CMD_MASK;
  if ((operation & FUTEX_CLOCK_REALTIME) != 0 && command != FUTEX_WAIT_BITSET) return -ENOSYS;
  u64 deadline_ns = kNever;
  bool waits = command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET;
  if (waits) {
    if (long error = read_deadline(args[3], operation, deadline_ns); error != 0) return error;
  }
  if (args[0] % sizeof(u32) != 0) return -EINVAL;
  FutexKey key = futex_key(thread.process, args[0], (operation & FUTEX_PRIVATE_FLAG) != 0);
  switch (command) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET: {
      u32 bits = command == FUTEX_WAIT_BITSET ? static_cast<u32>(args[5]) : ~0u;
      long result = table.wait(thread, args[0], key, static_cast<u32>(args[2]), deadline_ns, bits);
      // A relative timeout would start anew on a restart: say EINTR instead, as Linux does after a handler.
      return result == kRestart && args[3] != 0 ? -EINTR : result;
    }
    case FUTEX_WAKE:
      return table.wake(key, wake_limit(args[2]));
    case FUTEX_WAKE_BITSET:
      return table.wake(key, wake_limit(args[2]), static_cast<u32>(args[5]));
    case FUTEX_REQUEUE:
      return requeue(thread.process, table, args, false);
    case FUTEX_CMP_REQUEUE:
      return requeue(thread.process, table, args, true);
    case FUTEX_WAKE_OP:
      return wake_operation(thread.process, table, args);
    default:
      return -ENOSYS;  // priority inheritance
  }
}

}  // namespace mayfly::kernel
