// Sets and queues of signals.
#pragma once

#include "abi/types.h"

namespace mayfly::kernel {

inline constexpr int kSignals = 64;  // numbers 1..64

/// A set of signal numbers, laid out as the kernel's sigset_t.
class SignalSet {
 public:
  constexpr SignalSet() = default;
  constexpr explicit SignalSet(u64 bits) : bits_(bits) {}
  [[nodiscard]] constexpr bool has(int signal) const { return (bits_ >> (signal - 1) & 1) != 0; }
  constexpr void add(int signal) { bits_ |= u64{1} << (signal - 1); }
  constexpr void remove(int signal) { bits_ &= ~(u64{1} << (signal - 1)); }
  [[nodiscard]] constexpr u64 bits() const { return bits_; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  constexpr bool operator==(const SignalSet&) const = default;

 private:
  u64 bits_ = 0;
};

/// What a handler with SA_SIGINFO is told; laid out as the kernel's siginfo_t.
struct SignalInfo {
  i32 number = 0;
  i32 error = 0;
  i32 code = 0;
  i32 padding = 0;
  union {
    u64 words[14] = {};
    struct {
      i32 process;
      u32 user;
      u64 value;
    } sender;
    struct {
      u64 address;
    } fault;
  };
};
static_assert(sizeof(SignalInfo) == 128);

/// Signals that were sent and not yet taken. One of each number is kept (as Linux does for numbers below 32).
class SignalQueue {
 public:
  void add(const SignalInfo& info) {
    if (pending_.has(info.number)) return;
    pending_.add(info.number);
    infos_[info.number - 1] = {info.code, info.sender.process, info.sender.user, info.sender.value};
  }
  [[nodiscard]] SignalSet pending() const { return pending_; }
  /// Takes the lowest signal that `blocked` lets through. @return its number, or 0
  int take(SignalSet blocked, SignalInfo& info);
  void remove(int signal) { pending_.remove(signal); }

 private:
  struct Stored {
    i32 code;
    i32 process;
    u32 user;
    u64 value;
  };
  SignalSet pending_;
  Stored infos_[kSignals] = {};
};

}  // namespace mayfly::kernel
