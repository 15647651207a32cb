#include <linux/time.h>
#include <linux/timerfd.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

struct Time {  // struct timespec
  i64 seconds;
  i64 nanoseconds;
};
struct Setting {  // struct itimerspec
  Time interval;
  Time value;
};

constexpr i64 kMaxSeconds = i64{1} << 32;

[[nodiscard]] bool valid(const Time& time) {
  return time.seconds >= 0 && time.nanoseconds >= 0 && time.nanoseconds < static_cast<i64>(kNanosecondsPerSecond);
}
[[nodiscard]] u64 to_ns(const Time& time) {
  i64 seconds = time.seconds < kMaxSeconds ? time.seconds : kMaxSeconds;
  return static_cast<u64>(seconds) * kNanosecondsPerSecond + static_cast<u64>(time.nanoseconds);
}
[[nodiscard]] Time to_time(u64 ns) {
  return {static_cast<i64>(ns / kNanosecondsPerSecond), static_cast<i64>(ns % kNanosecondsPerSecond)};
}

/// Counts how often its time has come; read takes the count.
class TimerFile final : public File, public Timer {
 public:
  TimerFile(Kernel& owner, u32 flags, bool wall_clock) : File(owner, flags), wall_clock_(wall_clock) {}
  void destroy() override { kernel().heap.destroy(this); }
  [[nodiscard]] const void* kind() const override { return &kKind; }
  [[nodiscard]] static TimerFile* from(File& file) {
    return file.kind() == &kKind ? static_cast<TimerFile*>(&file) : nullptr;
  }

  long read(Thread& thread, UserIo& io) override {
    if (io.remaining() < sizeof(u64)) return -EINVAL;
    expire_if_due();
    while (expirations_ == 0) {
      if (nonblocking()) return -EAGAIN;
      long result = thread.wait(waiters);
      if (result != 0) return result;
    }
    long copied = io.copy_out(&expirations_, sizeof expirations_);
    if (copied > 0) expirations_ = 0;
    return copied;
  }
  [[nodiscard]] u32 poll() override {
    expire_if_due();
    return expirations_ > 0 ? EPOLLIN : 0u;
  }

  void expired() override {
    u64 periods = 1;
    if (interval_ns_ != 0) {
      // One wake-up for all the periods that went by while nobody looked.
      periods += (monotonic_ns() - deadline_ns()) / interval_ns_;
      kernel().timers().arm(*this, deadline_ns() + periods * interval_ns_);
    }
    expirations_ += periods;
    waiters.wake(EPOLLIN);
  }

  void set(const Setting& setting, bool absolute) {
    disarm();
    expirations_ = 0;
    interval_ns_ = to_ns(setting.interval);
    u64 value_ns = to_ns(setting.value);
    if (value_ns == 0) return;
    u64 now = monotonic_ns();
    if (absolute && wall_clock_) {
      u64 wall = realtime_ns();
      value_ns = value_ns > wall ? now + (value_ns - wall) : now;
    } else if (!absolute) {
      value_ns += now;
    }
    kernel().timers().arm(*this, value_ns);
  }

  [[nodiscard]] Setting get() {
    expire_if_due();
    u64 now = monotonic_ns();
    u64 left = !armed() ? 0 : deadline_ns() > now ? deadline_ns() - now : 1;
    return {to_time(interval_ns_), to_time(left)};
  }

 private:
  /// The scheduler looks at timers when it has a choice to make; who asks here wants to know now.
  void expire_if_due() {
    if (!armed() || deadline_ns() > monotonic_ns()) return;
    disarm();
    expired();
  }

  static constexpr char kKind = 0;
  u64 expirations_ = 0;
  u64 interval_ns_ = 0;
  bool wall_clock_;
};

long find(Thread& thread, int fd, Ref<File>& file, TimerFile*& timer) {
  file = thread.process.files.get(fd);
  if (!file) return -EBADF;
  timer = TimerFile::from(*file);
  return timer == nullptr ? -EINVAL : 0;
}

}  // namespace

MAYFLY_SYSCALL(timerfd_create) {
  bool wall_clock = args[0] == CLOCK_REALTIME || args[0] == CLOCK_REALTIME_ALARM;
  bool steady = args[0] == CLOCK_MONOTONIC || args[0] == CLOCK_BOOTTIME || args[0] == CLOCK_BOOTTIME_ALARM;
  u32 flags = static_cast<u32>(args[1]);
  if ((!wall_clock && !steady) || (flags & ~u32{TFD_CLOEXEC | TFD_NONBLOCK}) != 0) return -EINVAL;
  Ref<File> file = thread.kernel.heap.make<TimerFile>(thread.kernel, O_RDWR | (flags & TFD_NONBLOCK), wall_clock);
  if (!file) return -ENOMEM;
  return thread.process.files.add(std::move(file), (flags & TFD_CLOEXEC) != 0);
}

MAYFLY_SYSCALL(timerfd_settime) {
  u32 flags = static_cast<u32>(args[1]);
  Setting setting{};
  if (!read_user(args[2], setting)) return -EFAULT;
  if ((flags & ~u32{TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET}) != 0 || !valid(setting.value) ||
      !valid(setting.interval))
    return -EINVAL;
  Ref<File> file;
  TimerFile* timer = nullptr;
  if (long error = find(thread, args.fd(), file, timer)) return error;
  Setting previous = timer->get();
  timer->set(setting, (flags & TFD_TIMER_ABSTIME) != 0);
  return args[3] == 0 || write_user(args[3], previous) ? 0 : -EFAULT;
}

MAYFLY_SYSCALL(timerfd_gettime) {
  Ref<File> file;
  TimerFile* timer = nullptr;
  if (long error = find(thread, args.fd(), file, timer)) return error;
  return write_user(args[1], timer->get()) ? 0 : -EFAULT;
}

}  // namespace mayfly::kernel
