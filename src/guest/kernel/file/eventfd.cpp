#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

// <linux/eventfd.h> is younger than the headers that we build with.
constexpr u32 kSemaphore = 1;
constexpr u32 kFlags = kSemaphore | O_CLOEXEC | O_NONBLOCK;

/// A 64-bit counter: write adds, read takes all, or one with EFD_SEMAPHORE.
class EventFile final : public File {
 public:
  EventFile(Kernel& owner, u32 flags, u64 initial, bool semaphore)
      : File(owner, flags), count_(initial), semaphore_(semaphore) {}
  void destroy() override { kernel().heap.destroy(this); }

  long read(Thread& thread, UserIo& io) override {
    if (io.remaining() < sizeof(u64)) return -EINVAL;
    while (count_ == 0) {
      if (nonblocking()) return -EAGAIN;
      long result = thread.wait(waiters);
      if (result != 0) return result;
    }
    u64 value = semaphore_ ? 1 : count_;
    long copied = io.copy_out(&value, sizeof value);
    if (copied < 0) return copied;
    count_ -= value;
    waiters.wake(EPOLLOUT);
    return copied;
  }

  long write(Thread& thread, UserIo& io) override {
    u64 value = 0;
    if (io.remaining() < sizeof value) return -EINVAL;
    long copied = io.copy_in(&value, sizeof value);
    if (copied < 0) return copied;
    if (value > kMaxCount) return -EINVAL;
    while (value > kMaxCount - count_) {
      if (nonblocking()) return -EAGAIN;
      long result = thread.wait(waiters);
      if (result != 0) return result;
    }
    count_ += value;
    waiters.wake(EPOLLIN);
    return copied;
  }

  [[nodiscard]] u32 poll() override { return (count_ > 0 ? EPOLLIN : 0u) | (count_ < kMaxCount ? EPOLLOUT : 0u); }

 private:
  static constexpr u64 kMaxCount = ~u64{0} - 1;
  u64 count_;
  bool semaphore_;
};

long make_eventfd(Thread& thread, u64 initial, u32 flags) {
  if ((flags & ~kFlags) != 0) return -EINVAL;
  Kernel& kernel = thread.kernel;
  Ref<File> file = kernel.heap.make<EventFile>(kernel, O_RDWR | (flags & O_NONBLOCK), initial & 0xffff'ffff,
                                               (flags & kSemaphore) != 0);
  if (!file) return -ENOMEM;
  return thread.process.files.add(std::move(file), (flags & O_CLOEXEC) != 0);
}

}  // namespace

MAYFLY_SYSCALL(eventfd) {
  return make_eventfd(thread, args[0], 0);
}
MAYFLY_SYSCALL(eventfd2) {
  return make_eventfd(thread, args[0], static_cast<u32>(args[1]));
}

}  // namespace mayfly::kernel
