#include "guest/kernel/process/signal_timer.h"

#include <asm/siginfo.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/timespec.h"
#include "guest/kernel/signal/send.h"

namespace mayfly::kernel {

void SignalTimer::set(u64 deadline_ns, u64 interval_ns) {
  disarm();
  interval_ns_ = interval_ns;
  overrun_ = 0;
  if (deadline_ns != kNever) timeline_.arm(*this, deadline_ns);
}

u64 SignalTimer::deadline_after(u64 duration_ns) const {
  return add_saturating(timeline_.now_ns(), duration_ns);
}

u64 SignalTimer::remaining_ns() const {
  if (!armed()) return 0;
  u64 now = timeline_.now_ns();
  // An armed timer never tells 0, which would mean that it is not.
  return deadline_ns() > now ? deadline_ns() - now : 1;
}

void SignalTimer::expired() {
  u64 missed = 0;
  if (interval_ns_ != 0) {
    u64 now = timeline_.now_ns();
    missed = now > deadline_ns() ? (now - deadline_ns()) / interval_ns_ : 0;
    timeline_.arm(*this, add_saturating(deadline_ns(), (missed + 1) * interval_ns_));
  }
  constexpr u64 kMostOverruns = 0x7fff'ffff;  // DELAYTIMER_MAX
  if (!silent_) send(static_cast<i32>(missed < kMostOverruns ? missed : kMostOverruns));
}

void SignalTimer::send(i32 missed) {
  if (info_.code != SI_TIMER) {
    (void)process_.send_signal(info_);
    return;
  }
  Thread* target = thread_id_ == 0 ? nullptr : process_.find_thread(thread_id_);
  if (thread_id_ != 0 && target == nullptr) return;
  SignalQueue& queue = target != nullptr ? target->pending_signals : process_.pending_signals;
  if (SignalInfo* pending = queue.find_timer(info_.timer.id)) {
    i64 sum = i64{pending->timer.overrun} + missed + 1;
    pending->timer.overrun = static_cast<i32>(sum < INT32_MAX ? sum : INT32_MAX);
    return;
  }
  info_.timer.overrun = missed;
  if (target != nullptr) {
    (void)send_to_thread(*target, info_);
  } else {
    (void)process_.send_signal(info_);
  }
}

}  // namespace mayfly::kernel
