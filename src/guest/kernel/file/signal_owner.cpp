#include "guest/kernel/file/signal_owner.h"

#include <asm/siginfo.h>
#include <asm/signal.h>
#include <linux/errno.h>
#include <linux/eventpoll.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/signal/send.h"

namespace mayfly::kernel {
namespace {

struct Reason {
  i32 code;  ///< si_code
  u32 band;  ///< si_band: what poll would say
};

Reason reason_for(u32 events) {
  if ((events & EPOLLHUP) != 0) return {POLL_HUP, EPOLLHUP | EPOLLERR};
  if ((events & EPOLLIN) != 0) return {POLL_IN, EPOLLIN | EPOLLRDNORM};
  return {POLL_OUT, EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND};
}

}  // namespace

bool SignalOwner::wake(u32 events) {
  if (!somebody_) return false;
  SignalInfo info = kernel_signal(SIGIO);
  if (signal_ != 0) {
    Reason reason = reason_for(events);
    info.number = signal_;
    info.code = reason.code;
    info.words[0] = reason.band;
    info.words[1] = static_cast<u32>(fd_);
  }
  if (kind_ != kThread) {
    process_.send_signal(info);
  } else if (Thread* thread = process_.find_thread(thread_)) {
    send_to_thread(*thread, info);
  }
  return false;
}

long SignalOwner::set(i32 kind, i32 id) {
  if (kind < kThread || kind > kGroup || id < 0) return -EINVAL;
  // The process and its group have one number.
  if (id != 0 &&
      (kind == kThread ? process_.find_thread(static_cast<u32>(id)) == nullptr : static_cast<u32>(id) != process_.id)) {
    return -ESRCH;
  }
  kind_ = static_cast<Kind>(kind);
  thread_ = static_cast<u32>(id);
  somebody_ = id != 0;
  return 0;
}

i32 SignalOwner::id() const {
  // The number of the process changes with each reset.
  return !somebody_ ? 0 : static_cast<i32>(kind_ == kThread ? thread_ : process_.id);
}

long SignalOwner::set_signal(u64 signal) {
  if (signal > kSignals) return -EINVAL;
  signal_ = static_cast<i32>(signal);
  return 0;
}

}  // namespace mayfly::kernel
