#include "guest/kernel/file/epoll.h"

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/epoll_item.h"

namespace mayfly::kernel {

bool EpollItem::wake(u32 happened) {
  if ((happened & wanted()) == 0) return false;
  // Of exclusive interests only one whose epoll has a thread that waits uses up a wake-up.
  bool somebody_woke = epoll_.make_ready(*this);
  return somebody_woke || !exclusive();
}

void EpollItem::file_gone() {
  --epoll_.item_count_;
  epoll_.kernel().heap.destroy(this);
}

Epoll::~Epoll() {
  while (EpollItem* item = items_.front()) kernel().heap.destroy(item);
}

void Epoll::destroy() {
  kernel().heap.destroy(this);
}

EpollItem* Epoll::find(File& file, int fd) {
  // A description has few watchers, an epoll may have many items: so search from the description.
  for (FileWatch* watch = file.watches.front(); watch != nullptr; watch = file.watches.next(*watch)) {
    auto* item = static_cast<EpollItem*>(watch);
    if (&item->epoll() == this && item->fd() == fd) return item;
  }
  return nullptr;
}

bool Epoll::make_ready(EpollItem& item) {
  if (!item.ListNode<ReadyTag>::linked()) ready_.push_back(item);
  bool somebody_woke = sleepers_.wake(EPOLLIN, 1) > 0;
  waiters.wake(EPOLLIN);
  return somebody_woke;
}

void Epoll::set_interest(EpollItem& item, const epoll_event& event) {
  item.interest_ = event.events | EPOLLERR | EPOLLHUP;
  item.set_exclusive((event.events & EPOLLEXCLUSIVE) != 0);
  item.data_ = event.data;
  if (item.ready_events() != 0) make_ready(item);
}

long Epoll::add(File& file, int fd, const epoll_event& event) {
  if (find(file, fd) != nullptr) return -EEXIST;
  if (Epoll* inner = from(file)) {
    if ((event.events & EPOLLEXCLUSIVE) != 0) return -EINVAL;
    if (height_above() + 1 + inner->depth_below() > kMaxNesting || inner->reaches(*this)) return -ELOOP;
  }
  if (item_count_ == kMaxItems) return -ENOSPC;
  EpollItem* item = kernel().heap.make<EpollItem>(*this, file, fd);
  if (item == nullptr) return -ENOMEM;
  ++item_count_;
  items_.push_back(*item);
  file.watches.push_back(*item);
  file.waiters.add(*item);
  set_interest(*item, event);
  return 0;
}

long Epoll::modify(File& file, int fd, const epoll_event& event) {
  EpollItem* item = find(file, fd);
  if (item == nullptr) return -ENOENT;
  if (item->exclusive()) return -EINVAL;
  set_interest(*item, event);
  return 0;
}

long Epoll::remove(File& file, int fd) {
  EpollItem* item = find(file, fd);
  if (item == nullptr) return -ENOENT;
  --item_count_;
  kernel().heap.destroy(item);
  return 0;
}

/// Writes ready events to the program. Each candidate is asked once; what stays ready goes to the end of the list.
long Epoll::collect(UserAddress events, u32 capacity) {
  List<EpollItem, ReadyTag> again;
  u32 count = 0;
  long error = 0;
  while (count < capacity && error == 0) {
    EpollItem* item = ready_.pop_front();
    if (item == nullptr) break;
    u32 happened = item->ready_events();
    if (happened == 0) continue;
    epoll_event event{};
    event.events = happened;
    event.data = item->data_;
    if (!write_user(events + count * sizeof event, event)) {
      ready_.push_front(*item);
      error = -EFAULT;
      break;
    }
    ++count;
    if (item->one_shot()) item->disable();
    if (item->one_shot() || item->edge_triggered()) {
      item->ListNode<ReadyTag>::unlink();  // a timer that was due has put it back when it was asked
    } else {
      again.push_back(*item);
    }
  }
  while (EpollItem* item = again.pop_front()) ready_.push_back(*item);
  return count > 0 ? static_cast<long>(count) : error;
}

long Epoll::wait(Thread& thread, UserAddress events, u32 capacity, u64 deadline_ns) {
  for (bool timed_out = deadline_ns == 0;;) {
    long count = collect(events, capacity);
    if (count == 0 && timed_out && kernel().timers().next_deadline_ns() != kNever) {
      // Nobody has looked at the timers while this thread did not wait.
      kernel().timers().run_expired(monotonic_ns());
      count = collect(events, capacity);
    }
    if (count != 0 || timed_out) {
      // One event wakes one thread; what is left over is for the next.
      if (!ready_.empty()) sleepers_.wake(EPOLLIN, 1);
      return count;
    }
    long result = thread.wait(sleepers_, deadline_ns);
    if (result == kRestart) return -EINTR;
    timed_out = result == -ETIMEDOUT;
  }
}

u32 Epoll::poll() {
  while (EpollItem* item = ready_.pop_front()) {
    if (item->ready_events() == 0) continue;
    ready_.push_front(*item);
    return EPOLLIN | EPOLLRDNORM;
  }
  return 0;
}

u32 Epoll::depth_below() {
  u32 depth = 0;
  for (EpollItem* item = items_.front(); item != nullptr; item = items_.next(*item)) {
    Epoll* inner = from(item->file());
    u32 below = inner == nullptr ? 0 : 1 + inner->depth_below();
    if (below > depth) depth = below;
  }
  return depth;
}

u32 Epoll::height_above() {
  u32 height = 0;
  for (FileWatch* watch = watches.front(); watch != nullptr; watch = watches.next(*watch)) {
    u32 above = 1 + static_cast<EpollItem*>(watch)->epoll().height_above();
    if (above > height) height = above;
  }
  return height;
}

bool Epoll::reaches(const Epoll& other) {
  if (this == &other) return true;
  for (EpollItem* item = items_.front(); item != nullptr; item = items_.next(*item)) {
    Epoll* inner = from(item->file());
    if (inner != nullptr && inner->reaches(other)) return true;
  }
  return false;
}

}  // namespace mayfly::kernel
