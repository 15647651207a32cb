// The guest kernel's side of the host ABI.
#pragma once

#include "abi/shared.h"

namespace mayfly::kernel {

/// The memory shared with the host.
[[nodiscard]] abi::SharedArea& shared();

/// Makes one host call. @return what the call is documented to return in abi/call.h
long host_call(abi::Call call, u64 a0 = 0, u64 a1 = 0, u64 a2 = 0, u64 a3 = 0, u64 a4 = 0);

/// Tells the user, once for each distinct text, about something that is not supported or refused.
void report(abi::ReportKind kind, const char* text);

/// Ends the machine because of a broken invariant of the guest kernel.
[[noreturn]] void panic(const char* message);

}  // namespace mayfly::kernel
