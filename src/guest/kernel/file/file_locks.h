// Locks of files: fcntl's on ranges, flock's on whole files.
#pragma once

#include "guest/kernel/core/list.h"
#include "guest/kernel/file/file.h"

namespace mayfly::kernel {

class Heap;

/// Whose lock it is: the process's (null), or a description's (open file description locks, flock).
using LockOwner = const File*;

enum class LockKind : u8 { none, shared, exclusive };

/// Bytes of a file, both ends included.
struct LockRange {
  static constexpr i64 kEnd = 0x7fff'ffff'ffff'ffff;  ///< as the last byte: however long the file grows
  i64 first = 0;
  i64 last = kEnd;
  [[nodiscard]] bool overlaps(const LockRange& other) const { return first <= other.last && other.first <= last; }
};

struct FileLock : ListNode<> {
  const void* target = nullptr;  ///< File::lock_target
  LockOwner owner = nullptr;
  LockKind kind = LockKind::none;
  bool whole = false;  ///< flock's locks and fcntl's do not know of each other
  LockRange range;
};

/// All locks that are held. There are few at any time.
class FileLocks {
 public:
  explicit FileLocks(Heap& heap) : heap_(heap) {}

  /// fcntl's F_SETLK and F_OFD_SETLK, or with `wait` F_SETLKW and F_OFD_SETLKW.
  /// @return 0, -EAGAIN, -ENOLCK without memory, kRestart
  long set(Thread& thread, File& file, LockOwner owner, LockKind kind, LockRange range, bool wait);
  /// The first lock, by position, that is in the way of such a lock; null if there is none.
  [[nodiscard]] const FileLock* find_conflict(const File& file, LockOwner owner, LockKind kind, LockRange range);
  /// flock(2). @return 0, -EAGAIN, -ENOLCK without memory, kRestart
  long set_whole(Thread& thread, File& file, LockKind kind, bool wait);

  /// close(2) of any descriptor of a file gives back the process's locks on it.
  void descriptor_closed(File& file);
  /// The last descriptor is gone, and with it the locks of the description.
  void description_gone(File& file);

 private:
  [[nodiscard]] FileLock* find_conflict(const FileLock& wanted);
  /// Waits until `wanted` is not in conflict. @return 0, -EAGAIN or kRestart
  long wait_for(Thread& thread, const FileLock& wanted, bool wait);
  long replace(const FileLock& wanted);
  template <typename Predicate>
  void remove_if(Predicate matches);

  Heap& heap_;
  List<FileLock> locks_;
  WaitQueue waiters_;  // woken whenever a lock is given back or made weaker
};

}  // namespace mayfly::kernel
