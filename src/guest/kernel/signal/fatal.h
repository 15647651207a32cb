// The end of a program by a signal.
#pragma once

#include "guest/kernel/signal/signal_set.h"

namespace mayfly::kernel {

class Thread;
struct TrapFrame;

/// Ends the machine; the host is given the registers, what happened where, and the signal's name.
[[noreturn]] void end_by_signal(Thread& thread, const TrapFrame& frame, const SignalInfo& info);

}  // namespace mayfly::kernel
