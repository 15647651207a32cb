#include <linux/poll.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/poll_set.h"
#include "guest/kernel/file/poll_time.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

[[nodiscard]] bool write_result(UserAddress fds, u32 index, u32 events) {
  return write_user(fds + index * sizeof(pollfd) + offsetof(pollfd, revents), static_cast<short>(events));
}

/// Fills `set`, and answers at once for what cannot be waited for. @return number of such answers, or -EFAULT
long gather(Thread& thread, PollSet& set, UserAddress fds, u32 count) {
  long invalid = 0;
  for (u32 i = 0; i < count; ++i) {
    pollfd request{};
    if (!read_user(fds + i * sizeof request, request)) return -EFAULT;
    Ref<File> file = thread.process.files.get(request.fd);
    if (file) {
      set.add(std::move(file), static_cast<u16>(request.events), i);
      continue;
    }
    bool ignored = request.fd < 0;
    if (!ignored) ++invalid;
    if (!write_result(fds, i, ignored ? 0 : POLLNVAL)) return -EFAULT;
  }
  return invalid;
}

/// Writes what is ready. @return how many are, or -EFAULT
long answer(PollSet& set, UserAddress fds) {
  long ready = 0;
  for (u32 i = 0; i < set.count(); ++i) {
    u32 events = set.ready_events(i);
    if (!write_result(fds, set.tag(i), events)) return -EFAULT;
    if (events != 0) ++ready;
  }
  return ready;
}

long poll(Thread& thread, const SyscallArgs& args, u64 deadline_ns) {
  auto count = static_cast<u32>(args[1]);
  if (count > thread.process.files.limit()) return -EINVAL;
  PollSet set(thread);
  if (!set.reserve(count)) return -ENOMEM;
  long invalid = gather(thread, set, args[0], count);
  if (invalid < 0) return invalid;
  for (bool last_look = deadline_ns == 0 || invalid > 0;;) {
    long ready = answer(set, args[0]);
    if (ready != 0 || last_look) return ready < 0 ? ready : ready + invalid;
    long result = set.wait(deadline_ns);
    if (result == kRestart) return -EINTR;
    last_look = result == -ETIMEDOUT;
  }
}

}  // namespace

MAYFLY_SYSCALL(poll) {
  return poll(thread, args, deadline_after_ms(static_cast<i32>(args[2])));
}

MAYFLY_SYSCALL(ppoll) {
  u64 deadline_ns = kNever;
  if (long error = read_deadline(args[2], deadline_ns)) return error;
  TemporaryMask mask(thread);
  if (long error = mask.install(args[3], args[4])) return error;
  long result = mask.finish(poll(thread, args, deadline_ns));
  write_time_left(args[2], deadline_ns, 1);
  return result;
}

}  // namespace mayfly::kernel
