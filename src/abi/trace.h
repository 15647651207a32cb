// What the guest kernel tells of system calls and signals to a host that traces. Addresses in the arguments are the
// program's: the host looks at that memory itself, and asks the guest kernel to make present what it misses.
#pragma once

#include "abi/types.h"

namespace mayfly::abi {

enum class TracePhase : u8 {
  enter,   ///< about to be answered
  leave,   ///< `result` is what it returns
  signal,  ///< no call: signal `number` reaches the thread; args are si_code and the first two words of what follows it
};

/// What a system call deals with; the guest kernel's source files are sorted by it.
enum class TraceFamily : u8 { descriptors, files, memory, process, signals, sockets, threads, time, none };

enum class TraceSupport : u8 {
  full,
  refused,  ///< always the same error, on purpose
  unknown,  ///< nobody answers this number
};

struct TraceRecord {
  u64 number;
  u64 args[6];
  i64 result;
  u32 thread_id;
  TracePhase phase;
  TraceFamily family;
  TraceSupport support;
  u8 unused;
};
static_assert(sizeof(TraceRecord) == 72);

/// Most addresses that Call::trace asks for at a time.
inline constexpr u32 kTraceAddresses = 16;
/// Rounds of Call::trace for one record: what is missing, what is missing behind that, and the last, which is final.
inline constexpr u32 kTraceRounds = 3;

}  // namespace mayfly::abi
