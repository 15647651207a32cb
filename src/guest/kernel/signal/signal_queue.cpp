#include "guest/kernel/signal/signal_queue.h"

#include <asm/siginfo.h>
#include <asm/signal.h>

#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {
namespace {

/// Delivered before others, so that a handler sees the registers of the fault.
constexpr SignalSet faults() {
  SignalSet set;
  for (int signal : {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGSYS}) set.add(signal);
  return set;
}

}  // namespace

QueuedSignal* SignalPool::make(const SignalInfo& info, bool within_limit) {
  if (within_limit && count_ >= process_.limits.get(RLIMIT_SIGPENDING).soft) return nullptr;
  auto* signal = process_.kernel.heap.make<QueuedSignal>(info);
  if (signal != nullptr) ++count_;
  return signal;
}

void SignalPool::destroy(QueuedSignal* signal) {
  process_.kernel.heap.destroy(signal);
  --count_;
}

SignalQueue::~SignalQueue() {
  while (QueuedSignal* signal = queued_.pop_front()) pool_.destroy(signal);
}

void SignalQueue::append(QueuedSignal& signal) {
  queued_.push_back(signal);
  pending_.add(signal.info.number);
}

bool SignalQueue::add(const SignalInfo& info) {
  bool is_real_time = info.number >= kFirstRealTimeSignal;
  // Several timers may share a signal; each has at most one here.
  bool is_of_timer = info.code == SI_TIMER;
  if (!is_real_time && !is_of_timer && pending_.has(info.number)) return true;
  QueuedSignal* signal = pool_.make(info, is_real_time && !is_of_timer);
  if (signal != nullptr) {
    append(*signal);
  } else if (is_real_time && info.code != SI_USER) {
    return false;
  } else {
    pending_.add(info.number);
  }
  return true;
}

SignalInfo* SignalQueue::find_timer(i32 id) {
  for (QueuedSignal* signal = queued_.front(); signal != nullptr; signal = queued_.next(*signal)) {
    if (signal->info.code == SI_TIMER && signal->info.timer.id == id) return &signal->info;
  }
  return nullptr;
}

int SignalQueue::take(SignalSet wanted, SignalInfo& info) {
  SignalSet ready = pending_ & wanted;
  if (!(ready & faults()).empty()) ready = ready & faults();
  int number = ready.lowest();
  if (number == 0) return 0;
  info = {};
  info.number = number;
  QueuedSignal* first = nullptr;
  bool more = false;
  for (QueuedSignal* signal = queued_.front(); signal != nullptr && !more; signal = queued_.next(*signal)) {
    if (signal->info.number != number) continue;
    if (first == nullptr) {
      first = signal;
    } else {
      more = true;
    }
  }
  if (!more) pending_.remove(number);
  if (first != nullptr) {
    info = first->info;
    pool_.destroy(first);
  }
  return number;
}

void SignalQueue::remove(int number) {
  if (!pending_.has(number)) return;
  pending_.remove(number);
  QueuedSignal* signal = queued_.front();
  while (signal != nullptr) {
    QueuedSignal* following = queued_.next(*signal);
    if (signal->info.number == number) pool_.destroy(signal);
    signal = following;
  }
}

}  // namespace mayfly::kernel
