#include "guest/kernel/signal/frame.h"

#include <linux/signal.h>

#include <cstddef>
#include <cstring>

#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kRedZoneBytes = 128;
constexpr u64 kStateAlignment = 64;

/// struct sigcontext of <asm/sigcontext.h>, which cannot be included beside <asm/signal.h> in all versions.
struct MachineContext {
  u64 r8, r9, r10, r11, r12, r13, r14, r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
  u16 cs, gs, fs, ss;
  u64 error_code, trap, old_mask, cr2;
  UserAddress extended_state;
  u64 reserved[8];
};
static_assert(sizeof(MachineContext) == 256);

// Flags of struct ucontext, <asm/ucontext.h>.
constexpr u64 kHasExtendedState = 1;
constexpr u64 kHasStackSegment = 2;
constexpr u64 kStrictStackSegment = 4;

struct UserContext {
  u64 flags;
  UserAddress link;
  SignalStack stack;
  MachineContext registers;
  u64 mask;
};

struct SignalFrame {
  UserAddress return_address;
  UserContext context;
  SignalInfo info;
};
static_assert(offsetof(SignalFrame, context) == 8);
static_assert(sizeof(SignalFrame) == 440);

/// struct _fpx_sw_bytes: tells that more than the 512 bytes of FXSAVE follows. Lies in the bytes that FXSAVE leaves.
struct StateDescription {
  static constexpr u64 kOffset = 464;
  static constexpr u32 kMagic1 = 0x4650'5853;
  static constexpr u32 kMagic2 = 0x4650'5845;
  u32 magic1;
  u32 extended_size;
  u64 components;
  u32 state_size;
  u32 padding[7];
};
static_assert(sizeof(StateDescription) == 48);

constexpr u64 kLegacyStateBytes = 512;
constexpr u64 kStateBytes = kSignalStateBytes + sizeof(u32);

/// Flags that a program may set by rt_sigreturn.
constexpr u64 kUserFlags = 0x5'0dd5;
constexpr u64 kFixedFlags = 0x202;
constexpr u64 kTrapFlag = 0x100;
constexpr u64 kDirectionFlag = 0x400;
constexpr u64 kResumeFlag = 0x1'0000;

bool on_alternate_stack(const Thread& thread, u64 stack_pointer) {
  // One that disarms itself is not in force while a handler runs on it.
  if (thread.disarm_alternate_stack) return false;
  return stack_pointer > thread.alternate_stack &&
         stack_pointer - thread.alternate_stack <= thread.alternate_stack_size;
}

/// Where the frame is to go, given the flags of the action. @param limit lowest usable address
u64 choose_stack(const Thread& thread, u64 stack_pointer, u64 action_flags, u64& limit) {
  limit = 0;
  bool already_there = on_alternate_stack(thread, stack_pointer);
  if ((action_flags & SA_ONSTACK) != 0 && thread.alternate_stack_size != 0 && !already_there) {
    limit = thread.alternate_stack;
    return thread.alternate_stack + thread.alternate_stack_size;
  }
  if (already_there) limit = thread.alternate_stack;
  return stack_pointer - kRedZoneBytes;
}

void store_registers(const TrapFrame& frame, MachineContext& context) {
  context.r8 = frame.r8, context.r9 = frame.r9, context.r10 = frame.r10, context.r11 = frame.r11;
  context.r12 = frame.r12, context.r13 = frame.r13, context.r14 = frame.r14, context.r15 = frame.r15;
  context.rdi = frame.rdi, context.rsi = frame.rsi, context.rbp = frame.rbp, context.rbx = frame.rbx;
  context.rdx = frame.rdx, context.rax = frame.rax, context.rcx = frame.rcx, context.rsp = frame.rsp;
  context.rip = frame.rip, context.rflags = frame.rflags;
  context.cs = static_cast<u16>(frame.cs), context.ss = static_cast<u16>(frame.ss);
  if (frame.kind < kEntrySyscall) {
    context.trap = frame.kind;
    context.error_code = frame.error_code;
    context.cr2 = frame.address;
  }
}

void load_registers(TrapFrame& frame, const MachineContext& context) {
  frame.r8 = context.r8, frame.r9 = context.r9, frame.r10 = context.r10, frame.r11 = context.r11;
  frame.r12 = context.r12, frame.r13 = context.r13, frame.r14 = context.r14, frame.r15 = context.r15;
  frame.rdi = context.rdi, frame.rsi = context.rsi, frame.rbp = context.rbp, frame.rbx = context.rbx;
  frame.rdx = context.rdx, frame.rax = context.rax, frame.rcx = context.rcx, frame.rsp = context.rsp;
  frame.rip = context.rip;
  frame.rflags = (context.rflags & kUserFlags) | kFixedFlags;
  // The selectors stay: they are the machine's, not Linux's.
}

/// Copies the live extended state to the program, with the marks that tell its size.
bool push_state(Thread& thread, UserAddress destination) {
  u8* area = thread.extended_state;
  save_extended_state(area);
  StateDescription description{};
  description.magic1 = StateDescription::kMagic1;
  description.extended_size = static_cast<u32>(kStateBytes);
  description.components = enabled_components();
  description.state_size = static_cast<u32>(kSignalStateBytes);
  std::memcpy(area + StateDescription::kOffset, &description, sizeof description);
  return copy_to_user(destination, area, kSignalStateBytes) &&
         write_user(destination + kSignalStateBytes, u32{StateDescription::kMagic2});
}

bool pop_state(Thread& thread, UserAddress source) {
  u8* area = thread.extended_state;
  if (source == 0) {
    reset_extended_state(area);
    return true;
  }
  StateDescription description{};
  if (!read_user(source + StateDescription::kOffset, description)) return false;
  bool is_extended = description.magic1 == StateDescription::kMagic1 && description.state_size == kSignalStateBytes;
  if (!copy_from_user(area, source, is_extended ? kSignalStateBytes : kLegacyStateBytes)) return false;
  if (!is_extended) {
    constexpr u64 kX87AndSse = 3;
    std::memcpy(area + kLegacyStateBytes, &kX87AndSse, sizeof kX87AndSse);
  }
  sanitize_extended_state(area);
  load_extended_state(area);
  return true;
}

}  // namespace

bool push_signal_frame(Thread& thread, TrapFrame& frame, const SignalInfo& info, const SignalAction& action,
                       SignalSet mask) {
  if ((action.flags & SA_RESTORER) == 0) return false;
  u64 limit = 0;
  u64 top = choose_stack(thread, frame.rsp, action.flags, limit);
  u64 state = (top - kStateBytes) & ~(kStateAlignment - 1);
  // As after a call: the return address lies 8 below a multiple of 16.
  u64 address = ((state - sizeof(SignalFrame)) & ~u64{15}) - 8;
  if (address > top || address < limit) return false;

  SignalFrame built{};
  built.return_address = action.restorer;
  built.context.flags = kHasExtendedState | kHasStackSegment | kStrictStackSegment;
  built.context.stack = alternate_stack_of(thread, frame.rsp);
  store_registers(frame, built.context.registers);
  built.context.registers.extended_state = state;
  built.context.mask = built.context.registers.old_mask = mask.bits();
  built.info = info;
  if (!push_state(thread, state) || !write_user(address, built)) return false;

  if (thread.disarm_alternate_stack) {
    thread.alternate_stack = thread.alternate_stack_size = 0;
    thread.disarm_alternate_stack = false;
  }
  reset_extended_state(thread.extended_state);
  frame.rip = action.handler;
  frame.rsp = address;
  frame.rdi = static_cast<u64>(info.number);
  frame.rsi = address + offsetof(SignalFrame, info);
  frame.rdx = address + offsetof(SignalFrame, context);
  frame.rax = 0;
  frame.rflags &= ~(kTrapFlag | kDirectionFlag | kResumeFlag);
  return true;
}

bool pop_signal_frame(Thread& thread, TrapFrame& frame) {
  UserContext context{};
  // The handler's `ret` has taken the return address.
  if (!read_user(frame.rsp, context)) return false;
  if (!pop_state(thread, context.registers.extended_state)) return false;
  load_registers(frame, context.registers);
  thread.blocked_signals = blockable(SignalSet(context.mask));
  // Errors are of no consequence here, as on Linux.
  (void)set_alternate_stack(thread, context.stack, frame.rsp);
  return true;
}

SignalStack alternate_stack_of(const Thread& thread, u64 stack_pointer) {
  SignalStack stack{thread.alternate_stack, 0, 0, thread.alternate_stack_size};
  if (stack.size == 0) {
    stack.flags = SS_DISABLE;
  } else if (on_alternate_stack(thread, stack_pointer)) {
    stack.flags = SS_ONSTACK;
  }
  if (thread.disarm_alternate_stack) stack.flags |= static_cast<i32>(SS_AUTODISARM);
  return stack;
}

long set_alternate_stack(Thread& thread, const SignalStack& stack, u64 stack_pointer) {
  if (on_alternate_stack(thread, stack_pointer)) return -EPERM;
  auto flags = static_cast<u32>(stack.flags);
  u32 mode = flags & ~SS_AUTODISARM;
  if (mode != 0 && mode != SS_DISABLE && mode != SS_ONSTACK) return -EINVAL;
  if (mode != SS_DISABLE && stack.size < MINSIGSTKSZ) return -ENOMEM;
  thread.alternate_stack = mode == SS_DISABLE ? 0 : stack.base;
  thread.alternate_stack_size = mode == SS_DISABLE ? 0 : stack.size;
  thread.disarm_alternate_stack = (flags & SS_AUTODISARM) != 0;
  return 0;
}

}  // namespace mayfly::kernel
