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
  switch (thread.process.memory.explain(address)) {
    case AddressSpace::kFaultBehindFile:
      return fault(SIGBUS, BUS_ADRERR, address);
    case AddressSpace::kFaultNoAccess:
      return fault(SIGSEGV, SEGV_ACCERR, address);
    default:
      return fault(SIGSEGV, SEGV_MAPERR, address);
  }
}

/// What an x87 or SIMD exception was for. Both keep the conditions that have occurred and the mask of those to ignore
/// as six bits in the same order (SDM vol. 1, 8.1.3 and 10.2.3).
/// @param unmasked conditions that have occurred and are not masked
int floating_point_code(u32 unmasked) {
  enum : u32 { kInvalid = 1, kDenormal = 2, kZeroDivide = 4, kOverflowed = 8, kUnderflowed = 16, kPrecision = 32 };
  if ((unmasked & kInvalid) != 0) return FPE_FLTINV;
  if ((unmasked & kZeroDivide) != 0) return FPE_FLTDIV;
  if ((unmasked & kOverflowed) != 0) return FPE_FLTOVF;
  if ((unmasked & (kDenormal | kUnderflowed)) != 0) return FPE_FLTUND;
  return (unmasked & kPrecision) != 0 ? FPE_FLTRES : 0;
}

u32 unmasked_x87_conditions() {
  u16 status = 0;
  u16 control = 0;
  asm volatile("fnstsw %0; fnstcw %1" : "=m"(status), "=m"(control));
  return static_cast<u32>(status & ~control & 0x3f);
}

u32 unmasked_simd_conditions() {
  u32 mxcsr = 0;
  constexpr u32 kMaskShift = 7;
  asm volatile("stmxcsr %0" : "=m"(mxcsr));
  return mxcsr & ~(mxcsr >> kMaskShift) & 0x3f;
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
    // The kernel uses neither unit, so that their registers still tell.
    case kX87Error:
      return fault(SIGFPE, floating_point_code(unmasked_x87_conditions()), frame.rip);
    case kSimdError:
      return fault(SIGFPE, floating_point_code(unmasked_simd_conditions()), frame.rip);
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
