#include "guest/kernel/signal/fatal.h"

#include <asm/siginfo.h>
#include <asm/signal.h>

#include <cstddef>
#include <cstring>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/format.h"
#include "guest/kernel/sched/thread.h"

namespace mayfly::kernel {
namespace {

const char* name_of(int signal) {
  constexpr const char* kNames[] = {"",         "SIGHUP",  "SIGINT",    "SIGQUIT", "SIGILL",  "SIGTRAP",   "SIGABRT",
                                    "SIGBUS",   "SIGFPE",  "SIGKILL",   "SIGUSR1", "SIGSEGV", "SIGUSR2",   "SIGPIPE",
                                    "SIGALRM",  "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP",   "SIGTSTP",
                                    "SIGTTIN",  "SIGTTOU", "SIGURG",    "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF",
                                    "SIGWINCH", "SIGIO",   "SIGPWR",    "SIGSYS"};
  return signal < kFirstRealTimeSignal ? kNames[signal] : "a real-time signal";
}

bool is_fault(const SignalInfo& info) {
  bool has_address = info.number == SIGSEGV || info.number == SIGBUS || info.number == SIGILL || info.number == SIGFPE;
  return has_address && info.code > 0 && info.code != SI_KERNEL;
}

void describe(const Thread& thread, const SignalInfo& info, Text<sizeof abi::CrashReport::message>& text) {
  text.append(name_of(info.number));
  if (is_fault(info)) text.append(" at address 0x").append_number(info.fault.address, 16);
  if (thread.name[0] != '\0') text.append(" in thread '").append(thread.name).append('\'');
}

}  // namespace

void end_by_signal(Thread& thread, const TrapFrame& frame, const SignalInfo& info) {
  abi::CrashReport crash{};
  crash.kind = abi::CrashKind::signal;
  crash.signal = static_cast<u32>(info.number);
  crash.fault_address = is_fault(info) ? info.fault.address : 0;
  crash.trap_vector = static_cast<u32>(frame.kind);
  crash.error_code = static_cast<u32>(frame.error_code);
  crash.thread_id = thread.id;
  // The general registers come first in both, in the same order.
  static_assert(offsetof(TrapFrame, original_rax) == offsetof(abi::Registers, rip));
  std::memcpy(&crash.registers, &frame, offsetof(TrapFrame, original_rax));
  crash.registers.rip = frame.rip;
  crash.registers.rflags = frame.rflags;
  crash.registers.rsp = frame.rsp;
  Text<sizeof crash.message> text;
  describe(thread, info, text);
  crash.message_size = text.size();
  std::memcpy(crash.message, text.c_str(), text.size());
  std::memcpy(shared().io, &crash, sizeof crash);
  host_call(abi::Call::crash);
  panic("the machine went on after its program's end");
}

}  // namespace mayfly::kernel
