// What a process has asked to be done on each signal.
#pragma once

#include "guest/kernel/core/user.h"
#include "guest/kernel/signal/signal_set.h"

namespace mayfly::kernel {

/// Laid out as the kernel's struct sigaction.
struct SignalAction {
  u64 handler = 0;  // SIG_DFL
  u64 flags = 0;
  UserAddress restorer = 0;
  u64 mask = 0;
};

/// SIGKILL and SIGSTOP cannot be blocked. @return `set` without them
[[nodiscard]] constexpr SignalSet blockable(SignalSet set) {
  constexpr int kSigkill = 9;
  constexpr int kSigstop = 19;
  set.remove(kSigkill);
  set.remove(kSigstop);
  return set;
}

class SignalActions {
 public:
  [[nodiscard]] const SignalAction& get(int signal) const { return actions_[signal - 1]; }
  void set(int signal, const SignalAction& action) { actions_[signal - 1] = action; }

 private:
  SignalAction actions_[kSignals];
};

}  // namespace mayfly::kernel
