#include "guest/kernel/file/file_locks.h"

#include <linux/errno.h>

#include "guest/kernel/core/heap.h"
#include "guest/kernel/sched/thread.h"

namespace mayfly::kernel {
namespace {

void copy(const FileLock& from, FileLock& to) {
  to.target = from.target;
  to.owner = from.owner;
  to.kind = from.kind;
  to.whole = from.whole;
  to.range = from.range;
}

bool same_holder(const FileLock& a, const FileLock& b) {
  return a.target == b.target && a.owner == b.owner && a.whole == b.whole;
}

}  // namespace

FileLock* FileLocks::find_conflict(const FileLock& wanted) {
  FileLock* found = nullptr;
  for (FileLock* lock = locks_.front(); lock != nullptr; lock = locks_.next(*lock)) {
    if (lock->target != wanted.target || lock->whole != wanted.whole || lock->owner == wanted.owner) continue;
    if (lock->kind != LockKind::exclusive && wanted.kind != LockKind::exclusive) continue;
    if (!lock->range.overlaps(wanted.range)) continue;
    if (found == nullptr || lock->range.first < found->range.first) found = lock;
  }
  return found;
}

const FileLock* FileLocks::find_conflict(const File& file, LockOwner owner, LockKind kind, LockRange range) {
  FileLock wanted;
  wanted.target = file.lock_target();
  wanted.owner = owner;
  wanted.kind = kind;
  wanted.range = range;
  return find_conflict(wanted);
}

long FileLocks::wait_for(Thread& thread, const FileLock& wanted, bool wait) {
  while (wanted.kind != LockKind::none && find_conflict(wanted) != nullptr) {
    if (!wait) return -EAGAIN;
    if (long result = thread.wait(waiters_); result != 0) return result;
  }
  return 0;
}

/// Cuts what the holder has in the range, puts `wanted` there and joins it with its neighbours.
long FileLocks::replace(const FileLock& wanted) {
  // Both that might be needed, before anything changes.
  auto* added = heap_.make<FileLock>();
  auto* second_half = heap_.make<FileLock>();
  if (added == nullptr || second_half == nullptr) {
    if (added != nullptr) heap_.destroy(added);
    return -ENOLCK;
  }
  copy(wanted, *added);
  LockRange& range = added->range;
  for (FileLock *lock = locks_.front(), *next = nullptr; lock != nullptr; lock = next) {
    next = locks_.next(*lock);
    if (!same_holder(*lock, wanted)) continue;
    LockRange& held = lock->range;
    bool touches = (held.last != LockRange::kEnd && held.last + 1 == range.first) ||
                   (range.last != LockRange::kEnd && range.last + 1 == held.first);
    if (lock->kind == wanted.kind && (touches || held.overlaps(range))) {
      range.first = held.first < range.first ? held.first : range.first;
      range.last = held.last > range.last ? held.last : range.last;
      heap_.destroy(lock);
    } else if (held.overlaps(range)) {
      bool before = held.first < range.first;
      bool behind = held.last > range.last;
      if (before && behind) {
        copy(*lock, *second_half);
        second_half->range.first = range.last + 1;
        locks_.push_back(*second_half);
      }
      if (before) held.last = range.first - 1;
      if (!before && behind) held.first = range.last + 1;
      if (!before && !behind) heap_.destroy(lock);
    }
  }
  if (wanted.kind == LockKind::none) {
    heap_.destroy(added);
  } else {
    locks_.push_back(*added);
  }
  if (!second_half->linked()) heap_.destroy(second_half);
  waiters_.wake();
  return 0;
}

long FileLocks::set(Thread& thread, File& file, LockOwner owner, LockKind kind, LockRange range, bool wait) {
  FileLock wanted;
  wanted.target = file.lock_target();
  wanted.owner = owner;
  wanted.kind = kind;
  wanted.range = range;
  if (long error = wait_for(thread, wanted, wait); error != 0) return error;
  return replace(wanted);
}

long FileLocks::set_whole(Thread& thread, File& file, LockKind kind, bool wait) {
  FileLock wanted;
  wanted.target = file.lock_target();
  wanted.owner = &file;
  wanted.kind = kind;
  wanted.whole = true;
  // flock(2): changing the kind is not atomic; the old lock is given back first.
  remove_if([&](const FileLock& lock) { return same_holder(lock, wanted) && lock.kind != kind; });
  if (long error = wait_for(thread, wanted, wait); error != 0) return error;
  return kind == LockKind::none ? 0 : replace(wanted);
}

template <typename Predicate>
void FileLocks::remove_if(Predicate matches) {
  bool removed = false;
  for (FileLock *lock = locks_.front(), *next = nullptr; lock != nullptr; lock = next) {
    next = locks_.next(*lock);
    if (!matches(*lock)) continue;
    heap_.destroy(lock);
    removed = true;
  }
  if (removed) waiters_.wake();
}

void FileLocks::descriptor_closed(File& file) {
  if (locks_.empty()) return;
  const void* target = file.lock_target();
  remove_if([&](const FileLock& lock) { return lock.target == target && lock.owner == nullptr; });
}

void FileLocks::description_gone(File& file) {
  if (locks_.empty()) return;
  remove_if([&](const FileLock& lock) { return lock.owner == &file; });
}

}  // namespace mayfly::kernel
