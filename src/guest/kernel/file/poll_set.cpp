#include "guest/kernel/file/poll_set.h"

#include <new>

#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {

bool PollSet::Entry::wake(u32 happened) {
  if ((happened & events) == 0) return false;
  thread->wake_up();
  return true;
}

PollSet::~PollSet() {
  if (entries_ == inline_) return;
  for (u32 i = 0; i < capacity_; ++i) entries_[i].~Entry();
  thread_.kernel.heap.release(entries_, capacity_ * sizeof(Entry));
}

bool PollSet::reserve(u32 count) {
  if (count <= kInlineEntries) return true;
  void* memory = thread_.kernel.heap.allocate(count * sizeof(Entry));
  if (memory == nullptr) return false;
  entries_ = static_cast<Entry*>(memory);
  capacity_ = count;
  for (u32 i = 0; i < count; ++i) new (&entries_[i]) Entry;
  return true;
}

void PollSet::add(Ref<File> file, u32 events, u32 tag) {
  Entry& entry = entries_[count_++];
  entry.thread = &thread_;
  entry.file = std::move(file);
  entry.events = events | EPOLLERR | EPOLLHUP;
  entry.tag = tag;
}

u32 PollSet::ready_events(u32 index) {
  return entries_[index].file->poll() & entries_[index].events;
}

long PollSet::wait(u64 deadline_ns) {
  if (!watching_) {
    watching_ = true;
    for (u32 i = 0; i < count_; ++i) entries_[i].file->waiters.add(entries_[i]);
  }
  return thread_.block(deadline_ns);
}

}  // namespace mayfly::kernel
