// epoll: which of many files are ready, at a cost in proportion to the ready ones.
#pragma once

#include "guest/kernel/file/file.h"

namespace mayfly::kernel {

class EpollItem;
struct ReadyTag;
struct EpollTag;

class Epoll final : public File {
 public:
  static constexpr u32 kMaxItems = 16384;  // as fs.epoll.max_user_watches
  static constexpr u32 kMaxNesting = 4;    // EP_MAX_NESTS

  explicit Epoll(Kernel& owner) : File(owner, O_RDWR) {}
  ~Epoll() override;
  void destroy() override;
  [[nodiscard]] u32 poll() override;
  [[nodiscard]] const void* kind() const override { return &kKind; }
  /// @return `file` as an epoll, or null if it is of another kind
  [[nodiscard]] static Epoll* from(File& file) { return file.kind() == &kKind ? static_cast<Epoll*>(&file) : nullptr; }

  /// EPOLL_CTL_ADD, _MOD and _DEL for the description `file` under the number `fd`. All return 0 or -errno.
  long add(File& file, int fd, const epoll_event& event);
  long modify(File& file, int fd, const epoll_event& event);
  long remove(File& file, int fd);

  /// @param capacity how many events fit at `events`
  /// @param deadline_ns absolute CLOCK_MONOTONIC, 0 to return at once
  /// @return number of events written, or -errno; never kRestart, as epoll_wait is not restarted
  long wait(Thread& thread, UserAddress events, u32 capacity, u64 deadline_ns);

 private:
  friend class EpollItem;
  static constexpr char kKind = 0;

  [[nodiscard]] EpollItem* find(File& file, int fd);
  void set_interest(EpollItem& item, const epoll_event& event);
  /// @return true if that has woken a thread
  bool make_ready(EpollItem& item);
  long collect(UserAddress events, u32 capacity);
  [[nodiscard]] u32 depth_below();
  [[nodiscard]] u32 height_above();
  [[nodiscard]] bool reaches(const Epoll& other);

  List<EpollItem, ReadyTag> ready_;  // those that may be ready; level-triggered ones stay until found not to be
  WaitQueue sleepers_;               // threads in wait(): each event wakes one of them
  List<EpollItem, EpollTag> items_;
  u32 item_count_ = 0;
};

}  // namespace mayfly::kernel
