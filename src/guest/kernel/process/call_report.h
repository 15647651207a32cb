// Reports about system calls, with where in the program they came from.
#pragma once

#include "abi/call.h"

namespace mayfly::kernel {

class Thread;

/// As report(), about a call that the thread is making.
void report_call(const Thread& thread, abi::ReportKind kind, const char* text);

/// Tells the user about a system call that nobody answers.
void report_unknown_call(const Thread& thread, u64 number);

}  // namespace mayfly::kernel
