// From the processor's exceptions to signals. x86-64 only.
#include <asm/siginfo.h>
#include <asm/signal.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/signal/deliver.h"

namespace mayfly::kernel {
namespace {

/// Intel SDM vol. 3, 6.3.1.
enum Vector : u64 {
  kDivideError = 0,
  kDebug = 1,
  kBreakpoint = 3,
  kOverflow = 4,
  kBoundRange = 5,
  kInvalidOpcode = 6,
  kStackFault = 12,
  kGeneralProtection = 13,
  kPageFault = 14,
  kX87Error = 16,
  kAlignmentCheck = 17,
  kSimdError = 19,
};

SignalInfo fault(int signal, int code, u64 address) {
  SignalInfo info;
  info.number = signal;
  info.code = code;
  info.fault.address = address;
  return info;
}

SignalInfo page_fault(Thread& thread, u64 address) {
  const Area* area = thread.process.memory.find(address);
  bool is_mapped = area != nullptr && area->begin <= address;
  return fault(SIGSEGV, is_mapped ? SEGV_ACCERR : SEGV_MAPERR, address);
}

SignalInfo signal_of(Thread& thread, const TrapFrame& frame) {
  switch (frame.kind) {
    case kDivideError:
      return fault(SIGFPE, FPE_INTDIV, frame.rip);
    case kDebug:
      return fault(SIGTRAP, TRAP_TRACE, frame.rip);
    case kBreakpoint:
      return fault(SIGTRAP, SI_KERNEL, 0);
    case kInvalidOpcode:
      return fault(SIGILL, ILL_ILLOPN, frame.rip);
    case kPageFault:
      return page_fault(thread, frame.address);
    // Which of the unmasked conditions it was is in the x87 status word or MXCSR; nobody has asked for it yet.
    case kX87Error:
    case kSimdError:
      return fault(SIGFPE, FPE_FLTINV, frame.rip);
    case kAlignmentCheck:
      return fault(SIGBUS, BUS_ADRALN, 0);
    case kStackFault:
      return fault(SIGBUS, SI_KERNEL, 0);
    case kOverflow:
    case kBoundRange:
    case kGeneralProtection:
    default:
      return fault(SIGSEGV, SI_KERNEL, 0);
  }
}

}  // namespace

void handle_exception(Thread& thread, TrapFrame& frame) {
  force_signal(thread, frame, signal_of(thread, frame));
}

}  // namespace mayfly::kernel
