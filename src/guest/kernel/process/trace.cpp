#include "guest/kernel/process/trace.h"

#include <cstring>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/user.h"

namespace mayfly::kernel {
namespace {

/// Memory that the host wants to see may not be there yet: pages appear at their first touch.
void tell(const abi::TraceRecord& record) {
  for (u32 round = 0; round < abi::kTraceRounds; ++round) {
    std::memcpy(shared().io, &record, sizeof record);
    long missing = host_call(abi::Call::trace, round);
    if (missing <= 0) return;
    UserAddress addresses[abi::kTraceAddresses];
    std::memcpy(addresses, shared().io, sizeof addresses);
    for (u32 i = 0; i < abi::kTraceAddresses && i < static_cast<u64>(missing); ++i) {
      u8 byte = 0;
      (void)copy_from_user(&byte, addresses[i], sizeof byte);
    }
  }
}

}  // namespace

TracedCall::TracedCall(const Thread& thread, u64 number, const SyscallEntry* entry, const SyscallArgs& args)
    : record_{.number = number,
              .args = {},
              .result = 0,
              .thread_id = thread.id,
              .phase = abi::TracePhase::enter,
              .family = entry == nullptr ? abi::TraceFamily::none : entry->family,
              .support = entry == nullptr ? abi::TraceSupport::unknown : entry->support,
              .unused = 0} {
  std::memcpy(record_.args, args.a, sizeof record_.args);
  tell(record_);
}

long TracedCall::finish(long result) {
  record_.phase = abi::TracePhase::leave;
  record_.result = result;
  tell(record_);
  return result;
}

void trace_signal(const Thread& thread, const SignalInfo& info) {
  if (shared().boot.trace == 0) return;
  tell({.number = static_cast<u64>(info.number),
        .args = {static_cast<u64>(i64{info.code}), info.words[0], info.words[1]},
        .result = 0,
        .thread_id = thread.id,
        .phase = abi::TracePhase::signal,
        .family = abi::TraceFamily::signals,
        .support = abi::TraceSupport::full,
        .unused = 0});
}

}  // namespace mayfly::kernel
