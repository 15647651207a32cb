// Sets of signals, and what is told of one.
#pragma once

#include "abi/types.h"

namespace mayfly::kernel {

inline constexpr int kSignals = 64;              // numbers 1..64
inline constexpr int kFirstRealTimeSignal = 32;  // from here on, each one sent is delivered

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
  /// The lowest number, or 0.
  [[nodiscard]] constexpr int lowest() const { return bits_ == 0 ? 0 : __builtin_ctzll(bits_) + 1; }
  constexpr bool operator==(const SignalSet&) const = default;
  constexpr SignalSet operator|(SignalSet other) const { return SignalSet(bits_ | other.bits_); }
  constexpr SignalSet operator&(SignalSet other) const { return SignalSet(bits_ & other.bits_); }
  constexpr SignalSet operator~() const { return SignalSet(~bits_); }

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
    } sender;  ///< kill, tgkill, sigqueue
    struct {
      i32 id;
      i32 overrun;
      u64 value;
    } timer;  ///< SI_TIMER: lies where `sender` does
    struct {
      u64 address;
    } fault;
  };
};
static_assert(sizeof(SignalInfo) == 128);

}  // namespace mayfly::kernel
