#include "guest/kernel/signal/signal_set.h"

namespace mayfly::kernel {

bool SignalQueue::add(const SignalInfo& info) {
  bool is_real_time = info.number >= kFirstRealTimeSignal;
  if (!is_real_time && pending_.has(info.number)) return true;
  if (count_ == kCapacity) {
    if (!is_real_time) pending_.add(info.number);
    return false;
  }
  pending_.add(info.number);
  stored_[count_++] = {info.number, info.code, info.sender.process, info.sender.user, info.sender.value};
  return true;
}

int SignalQueue::take(SignalSet wanted, SignalInfo& info) {
  int signal = (pending_ & wanted).lowest();
  if (signal == 0) return 0;
  info = {};
  info.number = signal;
  bool found = false;
  bool more = false;
  for (u32 i = 0; i < count_; ++i) {
    if (stored_[i].number != signal) continue;
    if (found) {
      more = true;
      break;
    }
    info.code = stored_[i].code;
    info.sender = {stored_[i].process, stored_[i].user, stored_[i].value};
    erase(i--);
    found = true;
  }
  if (!more) pending_.remove(signal);
  return signal;
}

void SignalQueue::remove(int signal) {
  if (!pending_.has(signal)) return;
  pending_.remove(signal);
  for (u32 i = 0; i < count_;) {
    if (stored_[i].number == signal) {
      erase(i);
    } else {
      ++i;
    }
  }
}

void SignalQueue::erase(u32 index) {
  --count_;
  for (u32 i = index; i < count_; ++i) stored_[i] = stored_[i + 1];
}

}  // namespace mayfly::kernel
