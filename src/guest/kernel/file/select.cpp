#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/poll_set.h"
#include "guest/kernel/file/poll_time.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

constexpr u32 kSets = 3;  // read, write, exceptional
constexpr u32 kEvents[kSets] = {EPOLLIN | EPOLLRDNORM | EPOLLRDBAND | EPOLLHUP | EPOLLERR,
                                EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND | EPOLLERR, EPOLLPRI};
constexpr u32 kWordBits = 64;

/// The three descriptor sets of one call, on the heap: they are too large for the kernel's stack.
struct Sets {
  u64 asked[kSets][FdTable::kMaxDescriptors / kWordBits];
  u64 found[kSets][FdTable::kMaxDescriptors / kWordBits];
};

struct Select {
  Thread& thread;
  u32 limit;  ///< numbers below it are looked at
  UserAddress addresses[kSets];
  u64 deadline_ns;

  [[nodiscard]] u64 set_bytes() const { return (limit + kWordBits - 1) / kWordBits * sizeof(u64); }
  /// @return how many files there are, or -EFAULT
  long read_sets(Sets& sets) const;
  long add_files(const Sets& sets, PollSet& files) const;
  long find_ready(Sets& sets, PollSet& files) const;
  long run(Sets& sets, PollSet& files) const;
};

[[nodiscard]] bool contains(const u64* set, u32 fd) {
  return (set[fd / kWordBits] >> (fd % kWordBits) & 1) != 0;
}

[[nodiscard]] u32 asked_events(const Sets& sets, u32 fd) {
  u32 events = 0;
  for (u32 i = 0; i < kSets; ++i) {
    if (contains(sets.asked[i], fd)) events |= kEvents[i];
  }
  return events;
}

long Select::read_sets(Sets& sets) const {
  for (u32 i = 0; i < kSets; ++i) {
    if (addresses[i] != 0 && !copy_from_user(sets.asked[i], addresses[i], set_bytes())) return -EFAULT;
  }
  long count = 0;
  for (u32 fd = 0; fd < limit; ++fd) count += asked_events(sets, fd) != 0 ? 1 : 0;
  return count;
}

long Select::add_files(const Sets& sets, PollSet& files) const {
  for (u32 fd = 0; fd < limit; ++fd) {
    u32 events = asked_events(sets, fd);
    if (events == 0) continue;
    Ref<File> file = thread.process.files.get(static_cast<int>(fd));
    if (!file) return -EBADF;
    files.add(std::move(file), events, fd);
  }
  return 0;
}

long Select::find_ready(Sets& sets, PollSet& files) const {
  long ready = 0;
  for (u32 i = 0; i < files.count(); ++i) {
    u32 fd = files.tag(i);
    u32 events = files.ready_events(i);
    for (u32 set = 0; set < kSets && events != 0; ++set) {
      if ((events & kEvents[set]) == 0 || !contains(sets.asked[set], fd)) continue;
      sets.found[set][fd / kWordBits] |= u64{1} << (fd % kWordBits);
      ++ready;
    }
  }
  return ready;
}

long Select::run(Sets& sets, PollSet& files) const {
  if (long error = add_files(sets, files)) return error;
  long ready = 0;
  for (bool last_look = deadline_ns == 0;;) {
    ready = find_ready(sets, files);
    if (ready != 0 || last_look) break;
    long result = files.wait(deadline_ns);
    if (result == kRestart) return -EINTR;
    last_look = result == -ETIMEDOUT;
  }
  for (u32 i = 0; i < kSets; ++i) {
    if (addresses[i] != 0 && !copy_to_user(addresses[i], sets.found[i], set_bytes())) return -EFAULT;
  }
  return ready;
}

long select(Thread& thread, const SyscallArgs& args, u64 deadline_ns) {
  auto count = static_cast<i32>(args[0]);
  if (count < 0) return -EINVAL;
  u32 limit = static_cast<u32>(count) < FdTable::kMaxDescriptors ? static_cast<u32>(count) : FdTable::kMaxDescriptors;
  Select call{thread, limit, {args[1], args[2], args[3]}, deadline_ns};
  Heap& heap = thread.kernel.heap;
  auto* sets = heap.make<Sets>();
  if (sets == nullptr) return -ENOMEM;
  PollSet files(thread);
  long result = call.read_sets(*sets);
  if (result >= 0) result = files.reserve(static_cast<u32>(result)) ? call.run(*sets, files) : -ENOMEM;
  heap.destroy(sets);
  return result;
}

}  // namespace

MAYFLY_SYSCALL(select) {
  struct {
    i64 seconds, microseconds;
  } timeout{};
  u64 deadline_ns = kNever;
  if (args[4] != 0) {
    if (!read_user(args[4], timeout)) return -EFAULT;
    if (timeout.seconds < 0 || timeout.microseconds < 0) return -EINVAL;
    u64 seconds = static_cast<u64>(timeout.seconds) + static_cast<u64>(timeout.microseconds) / 1'000'000;
    u64 nanoseconds = static_cast<u64>(timeout.microseconds) % 1'000'000 * 1000;
    if (seconds < u64{1} << 32) deadline_ns = deadline_after_ns(seconds * kNanosecondsPerSecond + nanoseconds);
  }
  long result = select(thread, args, deadline_ns);
  write_time_left(args[4], deadline_ns, 1000);
  return result;
}

MAYFLY_SYSCALL(pselect6) {
  struct {
    UserAddress mask;
    u64 size_bytes;
  } mask_argument{};
  u64 deadline_ns = kNever;
  if (long error = read_deadline(args[4], deadline_ns)) return error;
  if (args[5] != 0 && !read_user(args[5], mask_argument)) return -EFAULT;
  TemporaryMask mask(thread);
  if (long error = mask.install(mask_argument.mask, mask_argument.size_bytes)) return error;
  long result = mask.finish(select(thread, args, deadline_ns));
  write_time_left(args[4], deadline_ns, 1);
  return result;
}

}  // namespace mayfly::kernel
