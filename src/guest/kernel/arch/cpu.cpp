#include "guest/kernel/arch/cpu.h"

#include <cstring>

#include "abi/shared.h"
#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/clock.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/core/user.h"

namespace mayfly::kernel {

#pragma GCC visibility push(hidden)  // all in one image: addresses without a global offset table
extern "C" {
alignas(4096) abi::SharedArea shared_area;
extern u64 kernel_stack_top, user_cs, user_ss;
void switch_stacks(u64* save, u64 next);
void thread_start();
void wait_exit();
void syscall_patched();
u64 user_copy(void* destination, const void* source, u64 size_bytes);
u64 user_zero(void* destination, u64 size_bytes);
}
#pragma GCC visibility pop

abi::SharedArea& shared() {
  return shared_area;
}

long host_call(abi::Call call, u64 a0, u64 a1, u64 a2, u64 a3, u64 a4) {
  abi::CallPage& page = shared_area.call;
  page.number = static_cast<u64>(call);
  page.args[0] = a0;
  page.args[1] = a1;
  page.args[2] = a2;
  page.args[3] = a3;
  page.args[4] = a4;
  asm volatile("out %%al, %0" : : "i"(abi::kPortCall), "a"(0) : "memory");
  return page.result;
}

u64 monotonic_ns() {
  const abi::TimePage& time = shared_area.time;
  u64 elapsed = arch::read_counter() - time.tsc_base;
  return time.monotonic_base_ns + static_cast<u64>(static_cast<unsigned __int128>(elapsed) * time.multiplier >> 32);
}

u64 realtime_ns() {
  const abi::TimePage& time = shared_area.time;
  return monotonic_ns() - time.monotonic_base_ns + time.realtime_base_ns;
}

bool copy_from_user(void* destination, UserAddress source, u64 size_bytes) {
  return user_copy(destination, reinterpret_cast<const void*>(source), size_bytes) == 0;
}

bool copy_to_user(UserAddress destination, const void* source, u64 size_bytes) {
  return user_copy(reinterpret_cast<void*>(destination), source, size_bytes) == 0;
}

bool zero_user(UserAddress destination, u64 size_bytes) {
  return user_zero(reinterpret_cast<void*>(destination), size_bytes) == 0;
}

namespace arch {
namespace {

constexpr u32 kExtendedStateMask = 0x2e7;  // as entry.S

void save_extended_state(u8* area) {
  asm volatile("xsave64 %0" : "+m"(*reinterpret_cast<u8(*)[4096]>(area)) : "a"(kExtendedStateMask), "d"(0));
}

/// The second half of a switch, in the context of the thread that goes on.
void restore(Thread& thread) {
  kernel_stack_top = thread.kernel_stack_top();
  asm volatile("xrstor64 %0"
               :
               : "m"(*reinterpret_cast<u8(*)[4096]>(thread.extended_state)), "a"(kExtendedStateMask), "d"(0));
  set_fs_base(thread.fs_base);
  set_gs_base(thread.gs_base);
}

Thread* switched_to = nullptr;  // for thread_started, which entry.S calls without context

}  // namespace

extern "C" void thread_started() {
  restore(*switched_to);
}

void switch_thread(Thread& previous, Thread& next) {
  previous.fs_base = fs_base();
  previous.gs_base = gs_base();
  save_extended_state(previous.extended_state);
  switched_to = &next;
  switch_stacks(&previous.stack_pointer, next.stack_pointer);
  restore(previous);
}

void prepare_user_entry(Thread& thread) {
  TrapFrame& frame = thread.frame();
  frame.cs = user_cs;
  frame.ss = user_ss;
  frame.kind = kEntrySyscall;
  // What switch_stacks pops: six registers and the return address.
  auto* stack = reinterpret_cast<u64*>(&frame);
  *--stack = reinterpret_cast<u64>(&thread_start);
  for (int i = 0; i < 6; ++i) *--stack = 0;
  thread.stack_pointer = reinterpret_cast<u64>(stack);
}

void copy_extended_state(Thread& thread) {
  save_extended_state(thread.extended_state);
}

void wait_for_host() {
  wait_exit();
  abi::TimePage& time = shared_area.time;
  time.sequence = time.sequence + 2;  // a reader that the wait interrupted starts again
  time.tsc_base = read_counter();
}

u64 patched_syscall_entry() {
  return reinterpret_cast<u64>(&syscall_patched);
}

u64 read_counter() {
  return __builtin_ia32_rdtsc();
}

u64 fs_base() {
  u64 base = 0;
  asm volatile("rdfsbase %0" : "=r"(base));
  return base;
}
void set_fs_base(u64 base) {
  asm volatile("wrfsbase %0" : : "r"(base));
}

u64 gs_base() {
  u64 base = 0;
  asm volatile("rdgsbase %0" : "=r"(base));
  return base;
}
void set_gs_base(u64 base) {
  asm volatile("wrgsbase %0" : : "r"(base));
}

}  // namespace arch
}  // namespace mayfly::kernel
