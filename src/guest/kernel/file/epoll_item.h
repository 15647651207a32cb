// One interest of an epoll in one file description.
#pragma once

#include "guest/kernel/file/epoll.h"

namespace mayfly::kernel {

/// Owned by its epoll; released as well when the watched description goes away.
class EpollItem final : public Waiter, public FileWatch, public ListNode<ReadyTag>, public ListNode<EpollTag> {
 public:
  EpollItem(Epoll& epoll, File& file, int fd) : epoll_(epoll), file_(file), fd_(fd) {}

  bool wake(u32 happened) override;
  void file_gone() override;

  [[nodiscard]] Epoll& epoll() { return epoll_; }
  [[nodiscard]] File& file() { return file_; }
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] bool edge_triggered() const { return (interest_ & EPOLLET) != 0; }
  [[nodiscard]] bool one_shot() const { return (interest_ & EPOLLONESHOT) != 0; }
  /// What is both true of the file and asked for.
  [[nodiscard]] u32 ready_events() { return wanted() == 0 ? 0 : file_.poll() & wanted(); }
  /// No events until the next EPOLL_CTL_MOD.
  void disable() { interest_ &= kFlags; }

 private:
  friend class Epoll;
  static constexpr u32 kFlags = EPOLLET | EPOLLONESHOT | EPOLLWAKEUP | EPOLLEXCLUSIVE;
  [[nodiscard]] u32 wanted() const { return interest_ & ~kFlags; }

  Epoll& epoll_;
  File& file_;
  u64 data_ = 0;
  int fd_;
  u32 interest_ = 0;
};

}  // namespace mayfly::kernel
