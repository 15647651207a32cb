// What entry.S calls: system calls, kicks, exceptions, and the way back to user mode.
#include <linux/errno.h>

#include <cstddef>
#include <cstring>
#include <new>

#include "abi/image.h"
#include "abi/layout.h"
#include "abi/shared.h"
#include "guest/kernel/arch/cpu.h"
#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/exec.h"
#include "guest/kernel/process/syscall.h"
#include "guest/kernel/signal/deliver.h"

namespace mayfly::kernel {
namespace {

static_assert(offsetof(abi::SharedArea, kick) == 72, "entry.S: SHARED_KICK_*");
static_assert(offsetof(TrapFrame, rip) == 152 && offsetof(TrapFrame, rflags) == 168 && offsetof(TrapFrame, rsp) == 176,
              "entry.S: FRAME_*");
static_assert(abi::kPortWait == 0x11, "entry.S: PORT_WAIT");
static_assert(abi::kImageMagic == 0x316c6e726b79616d && abi::kVersion == 7, "entry.S: image_header");

constexpr u64 kPageFault = 14;
constexpr u64 kFaultWrite = 2;
constexpr u64 kFaultFetch = 16;

alignas(Kernel) unsigned char kernel_memory[sizeof(Kernel)];
Kernel* the_kernel = nullptr;  // for the entries from entry.S, which carry no context

#pragma GCC visibility push(hidden)
extern "C" const char user_copy_fault[], user_copy_done[], user_zero_fault[], user_zero_done[], image_begin[];
extern "C" u64 user_cs, user_ss, kernel_stack_top;
#pragma GCC visibility pop

Thread& running() {
  return *the_kernel->scheduler.current();
}

[[noreturn]] void crash(abi::CrashKind kind, const TrapFrame& frame, const char* message) {
  abi::CrashReport report{};
  report.kind = kind;
  report.fault_address = frame.address;
  report.trap_vector = static_cast<u32>(frame.kind);
  report.error_code = static_cast<u32>(frame.error_code);
  Thread* thread = the_kernel == nullptr ? nullptr : the_kernel->scheduler.current();
  report.thread_id = thread == nullptr ? 0 : thread->id;
  std::memcpy(&report.registers, &frame, offsetof(TrapFrame, original_rax));
  report.registers.rip = frame.rip;
  report.registers.rflags = frame.rflags;
  report.registers.rsp = frame.rsp;
  while (report.message_size < sizeof report.message && message[report.message_size] != '\0') {
    report.message[report.message_size] = message[report.message_size];
    ++report.message_size;
  }
  std::memcpy(shared().io, &report, sizeof report);
  host_call(abi::Call::crash);
  for (;;) arch::wait_for_host();
}

u32 attempted_access(const TrapFrame& frame) {
  if ((frame.error_code & kFaultFetch) != 0) return abi::kProtExec;
  return (frame.error_code & kFaultWrite) != 0 ? abi::kProtWrite : abi::kProtRead;
}

bool in_kernel_heap(u64 address) {
  return address - abi::kKernelHeapBase < abi::kKernelHeapSize;
}

/// The kernel's own heap appears at the first touch, a window at a time.
bool map_heap(u64 address) {
  constexpr u64 kWindow = 256 * 1024;
  return host_call(abi::Call::map, address & ~(kWindow - 1), kWindow / abi::kPageSize,
                   abi::kProtRead | abi::kProtWrite) == 0;
}

/// A fault in user_copy or user_zero that cannot be resolved ends the copy.
bool abandon_user_access(TrapFrame& frame) {
  if (frame.rip == reinterpret_cast<u64>(user_copy_fault)) {
    frame.rip = reinterpret_cast<u64>(user_copy_done);
  } else if (frame.rip == reinterpret_cast<u64>(user_zero_fault)) {
    frame.rip = reinterpret_cast<u64>(user_zero_done);
  } else {
    return false;
  }
  return true;
}

void preempt(TrapFrame& frame, bool in_user) {
  u64 switches = the_kernel->scheduler.switches();
  the_kernel->scheduler.preempt(in_user);
  if (the_kernel->scheduler.switches() != switches) abort_restartable_sequence(running(), frame);
}

void kernel_trap(TrapFrame& frame) {
  if (frame.kind == kPageFault && the_kernel != nullptr) {
    if (in_kernel_heap(frame.address)) {
      if (map_heap(frame.address)) return;
      crash(abi::CrashKind::out_of_memory, frame, "the guest kernel's heap cannot grow");
    }
    if (frame.address < abi::kUserEnd &&
        the_kernel->process.memory.fault(frame.address, attempted_access(frame)) == AddressSpace::kFaultResolved) {
      return;
    }
  }
  if (!abandon_user_access(frame)) crash(abi::CrashKind::kernel_fault, frame, "exception in the guest kernel");
}

}  // namespace

extern "C" {

/// @return the first thread's frame
TrapFrame* kernel_main() {
  shared().time.tsc_base = arch::read_counter();
  the_kernel = new (kernel_memory) Kernel(abi::kKernelHeapBase, abi::kKernelHeapSize);
  // Software virtualisation runs ring 3 with the host's own selectors, hardware with those of our descriptor table.
  constexpr u64 kOwnCodeSelector = 0x2b;
  shared().boot.native_ring0 = user_cs == kOwnCodeSelector ? 1 : 0;
  exec_boot(*the_kernel);
  Thread& first = running();
  kernel_stack_top = first.kernel_stack_top();
  arch::prepare_user_entry(first);
  return &first.frame();
}

/// From a patched site, or after handle_syscall has looked at the site.
void handle_patched_syscall(TrapFrame* frame) {
  SyscallArgs args{{frame->rdi, frame->rsi, frame->rdx, frame->r10, frame->r8, frame->r9}};
  frame->rax = static_cast<u64>(dispatch(running(), frame->original_rax, args));
}

void handle_syscall(TrapFrame* frame) {
  the_kernel->process.patcher.consider(*the_kernel, *frame);
  handle_patched_syscall(frame);
}

void handle_kick(TrapFrame* frame) {
  shared().pending = 0;
  preempt(*frame, true);
}

void handle_trap(TrapFrame* frame) {
  if (frame->kind == kPageFault) ++shared().wait.faults;
  if (frame->rip >= reinterpret_cast<u64>(image_begin)) {
    kernel_trap(*frame);
    return;
  }
  Thread& thread = running();
  if (frame->kind == kPageFault && frame->address < abi::kUserEnd) {
    AddressSpace::Fault result = thread.process.memory.fault(frame->address, attempted_access(*frame));
    if (result == AddressSpace::kFaultResolved) return;
    if (result == AddressSpace::kFaultNoMemory)
      crash(abi::CrashKind::out_of_memory, *frame, "no memory for a page of the program");
  }
  handle_exception(thread, *frame);
}

/// Runs before every return to user mode.
void prepare_return(TrapFrame* frame) {
  for (;;) {
    // Before others may run, who could take a signal that has interrupted this thread's call.
    if (deliver_signals(running(), *frame)) continue;
    if (const_cast<volatile u32&>(shared().pending) == 0) return;
    shared().pending = 0;
    preempt(*frame, frame->kind == kEntryKick);
  }
}

}  // extern "C"

void panic(const char* message) {
  TrapFrame frame{};
  frame.rip = reinterpret_cast<u64>(__builtin_return_address(0));
  crash(abi::CrashKind::kernel_panic, frame, message);
}

}  // namespace mayfly::kernel
