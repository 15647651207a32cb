// Restartable sequences, rseq(2): code that starts anew when its thread is interrupted in it. With one processor, what
// a thread reads of its processor's number is always true; what is left is that nothing must run between a sequence's
// instructions: neither another thread nor a signal handler.
#pragma once

#include "guest/kernel/core/user.h"

namespace mayfly::kernel {

class Thread;
struct TrapFrame;

/// What a thread has registered.
struct RestartableSequence {
  UserAddress area = 0;  ///< struct rseq, 0: none
  u32 signature = 0;     ///< that must lie before an abort handler
};

/// Sends a thread that was interrupted inside a sequence to its abort handler. Call it when another thread has run and
/// before a signal frame is made. A malformed description ends the program, as on Linux.
void abort_restartable_sequence(Thread& thread, TrapFrame& frame);

}  // namespace mayfly::kernel
