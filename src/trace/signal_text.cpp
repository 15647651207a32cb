// A signal on its way to a thread.
#include <signal.h>

#include "trace/decoder.h"
#include "trace/structures.h"

namespace mayfly::trace {
namespace {

constexpr Name kCodes[] = {
    {static_cast<u32>(SI_USER), "SI_USER"},   {static_cast<u32>(SI_KERNEL), "SI_KERNEL"},
    {static_cast<u32>(SI_QUEUE), "SI_QUEUE"}, {static_cast<u32>(SI_TIMER), "SI_TIMER"},
    {static_cast<u32>(SI_TKILL), "SI_TKILL"},
};
constexpr Name kSegmentCodes[] = {MAYFLY_NAME(SEGV_MAPERR), MAYFLY_NAME(SEGV_ACCERR)};
constexpr Name kBusCodes[] = {MAYFLY_NAME(BUS_ADRALN), MAYFLY_NAME(BUS_ADRERR), MAYFLY_NAME(BUS_OBJERR)};
constexpr Name kArithmeticCodes[] = {
    MAYFLY_NAME(FPE_INTDIV), MAYFLY_NAME(FPE_INTOVF), MAYFLY_NAME(FPE_FLTDIV), MAYFLY_NAME(FPE_FLTOVF),
    MAYFLY_NAME(FPE_FLTUND), MAYFLY_NAME(FPE_FLTRES), MAYFLY_NAME(FPE_FLTINV),
};
constexpr Name kInstructionCodes[] = {MAYFLY_NAME(ILL_ILLOPC), MAYFLY_NAME(ILL_ILLOPN), MAYFLY_NAME(ILL_PRVOPC)};
constexpr Name kTrapCodes[] = {MAYFLY_NAME(TRAP_BRKPT), MAYFLY_NAME(TRAP_TRACE)};

/// @return empty for a signal that no instruction causes
Names fault_codes(u64 signal) {
  switch (signal) {
    case SIGSEGV:
      return kSegmentCodes;
    case SIGBUS:
      return kBusCodes;
    case SIGFPE:
      return kArithmeticCodes;
    case SIGILL:
      return kInstructionCodes;
    case SIGTRAP:
      return kTrapCodes;
    default:
      return {};
  }
}

}  // namespace

std::string signal_text(const abi::TraceRecord& record, Memory& memory) {
  Printer out(record, memory);
  auto code = static_cast<i32>(record.args[0]);
  Names faults = fault_codes(record.number);
  bool is_fault = code > 0 && code != SI_KERNEL && !faults.empty();
  out.add("--- ");
  add_signal(out, record.number);
  out.add(" {si_signo=");
  add_signal(out, record.number);
  out.add(", si_code=");
  out.choice(static_cast<u32>(code), is_fault ? faults : Names(kCodes));
  if (is_fault) {
    out.add(", si_addr=");
    out.address(record.args[1]);
  } else if (code == SI_TIMER) {
    out.format(", si_timerid={}, si_overrun={}", static_cast<i32>(record.args[1]),
               static_cast<i32>(record.args[1] >> 32));
  } else if (code != SI_KERNEL) {
    out.format(", si_pid={}, si_uid={}", static_cast<i32>(record.args[1]), static_cast<u32>(record.args[1] >> 32));
  }
  out.add("} ---");
  return out.take();
}

}  // namespace mayfly::trace
