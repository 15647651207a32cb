// Waiting for any of several files, without an epoll.
#pragma once

#include "guest/kernel/file/file.h"

namespace mayfly::kernel {

/// The files of one poll or select call, and the thread that waits for them. Lives on the stack of that call.
class PollSet {
 public:
  explicit PollSet(Thread& thread) : thread_(thread) {}
  ~PollSet();
  PollSet(const PollSet&) = delete;
  PollSet& operator=(const PollSet&) = delete;

  /// Makes room; call once, before `add`. @return false without memory
  [[nodiscard]] bool reserve(u32 count);
  /// @param events what to wake up for; EPOLLERR and EPOLLHUP always do
  /// @param tag for the caller, to tell the files apart
  void add(Ref<File> file, u32 events, u32 tag);
  [[nodiscard]] u32 count() const { return count_; }
  [[nodiscard]] u32 tag(u32 index) const { return entries_[index].tag; }
  /// What is true of file number `index` in the order of add(), of the events asked for.
  [[nodiscard]] u32 ready_events(u32 index);
  /// Sleeps until one of the files may have become ready. @return 0, -ETIMEDOUT or kRestart
  long wait(u64 deadline_ns);

 private:
  struct Entry final : Waiter {
    bool wake(u32 happened) override;
    Thread* thread = nullptr;
    Ref<File> file;
    u32 events = 0;
    u32 tag = 0;
  };
  static constexpr u32 kInlineEntries = 4;

  Thread& thread_;
  Entry inline_[kInlineEntries];
  Entry* entries_ = inline_;
  u32 capacity_ = kInlineEntries;
  u32 count_ = 0;
  bool watching_ = false;
};

}  // namespace mayfly::kernel
