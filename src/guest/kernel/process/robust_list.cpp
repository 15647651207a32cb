#include "guest/kernel/process/robust_list.h"

#include <linux/futex.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

/// struct robust_list_head.
struct Head {
  UserAddress first;
  i64 futex_offset;
  UserAddress pending;  ///< being locked or unlocked when the thread ended
};

constexpr u64 kPriorityInheritance = 1;  // low bit of an entry's address

/// @param is_pending the thread may have been between unlocking and waking: then the one that it owed is woken
void mark_owner_dead(Thread& thread, UserAddress word, bool is_pending) {
  u32 value = 0;
  if (word % sizeof value != 0 || !read_user(word, value)) return;
  FutexTable& futexes = thread.kernel.futexes;
  FutexKey key = futex_key(thread.process, word, false);
  if (is_pending && value == 0) {
    futexes.wake(key, 1);
    return;
  }
  if ((value & FUTEX_TID_MASK) != thread.id) return;
  u32 marked = (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
  if (write_user(word, marked) && (value & FUTEX_WAITERS) != 0) futexes.wake(key, 1);
}

}  // namespace

void settle_robust_list(Thread& thread) {
  Head head{};
  if (thread.robust_list == 0 || !read_user(thread.robust_list, head)) return;
  auto word_of = [&](UserAddress entry) {
    return (entry & ~kPriorityInheritance) + static_cast<u64>(head.futex_offset);
  };
  UserAddress entry = head.first;
  for (u32 i = 0; i < ROBUST_LIST_LIMIT && entry != thread.robust_list; ++i) {
    UserAddress current = entry & ~kPriorityInheritance;
    // Read on before the waker may reuse the entry.
    if (!read_user(current, entry)) return;
    if (current != (head.pending & ~kPriorityInheritance)) mark_owner_dead(thread, word_of(current), false);
  }
  if (head.pending != 0) mark_owner_dead(thread, word_of(head.pending), (head.pending & kPriorityInheritance) == 0);
}

MAYFLY_SYSCALL(set_robust_list) {
  if (args[1] != sizeof(Head)) return -EINVAL;
  thread.robust_list = args[0];
  return 0;
}

MAYFLY_SYSCALL(get_robust_list) {
  auto id = static_cast<u32>(args[0]);
  Thread* target = id == 0 ? &thread : thread.process.find_thread(id);
  if (target == nullptr) return -ESRCH;
  if (!write_user(args[1], target->robust_list) || !write_user(args[2], u64{sizeof(Head)})) return -EFAULT;
  return 0;
}

}  // namespace mayfly::kernel
