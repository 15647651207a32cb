// One system call as text, in two halves: its beginning shows what the call takes, its end what it gives back.
#pragma once

#include <string>

#include "trace/printer.h"

namespace mayfly::trace {

/// "read(3, ": everything up to the first argument that the call fills in.
[[nodiscard]] std::string beginning_text(const abi::TraceRecord& record, Memory& memory);

/// "\"abc\", 100) = 3": the rest.
[[nodiscard]] std::string end_text(const abi::TraceRecord& record, Memory& memory);

/// "--- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=NULL} ---"
[[nodiscard]] std::string signal_text(const abi::TraceRecord& record, Memory& memory);

/// Calls that do not come back.
[[nodiscard]] bool never_returns(u64 number);

}  // namespace mayfly::trace
