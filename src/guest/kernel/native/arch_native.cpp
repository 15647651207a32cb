// arch/ for natively compiled kernel code: real switches between kernel stacks, a scripted host, no user mode.
#include <sanitizer/asan_interface.h>
#include <sys/random.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "guest/kernel/arch/cpu.h"
#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/clock.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/core/user.h"
#include "guest/kernel/native/host.h"

namespace mayfly::kernel {

namespace native {
namespace {
Host* current_host = nullptr;
}
Host& host() {
  return *current_host;
}
void set_host(Host* host) {
  current_host = host;
}

/// What a new thread runs in place of user mode; set by the fixture.
void (*thread_body)(Thread& thread) = nullptr;
}  // namespace native

extern "C" void switch_stacks(u64* save, u64 next);

abi::SharedArea& shared() {
  static abi::SharedArea area;
  return area;
}

long host_call(abi::Call call, u64 a0, u64 a1, u64 a2, u64 a3, u64 a4) {
  native::Host& host = native::host();
  u64 args[6] = {a0, a1, a2, a3, a4, 0};
  if (host.on_call) return host.on_call(call, args);
  switch (call) {
    case abi::Call::console_write:
      host.console.append(reinterpret_cast<const char*>(shared().io), a1);
      return static_cast<long>(a1);
    case abi::Call::report:
      host.reports.emplace_back(reinterpret_cast<const char*>(shared().io), a1);
      return 0;
    case abi::Call::entropy:
      return getrandom(shared().io, a0, 0);
    case abi::Call::map:
      return 0;
    case abi::Call::zero:
      std::memset(reinterpret_cast<void*>(a0), 0, a1 * abi::kPageSize);
      return 0;
    default:
      return 0;
  }
}

void panic(const char* message) {
  std::fprintf(stderr, "kernel panic: %s\n", message);
  std::abort();
}

u64 monotonic_ns() {
  return native::host().now_ns;
}
u64 realtime_ns() {
  return native::host().now_ns;
}

// Address 0 and its page stand for what is not accessible.
bool copy_from_user(void* destination, UserAddress source, u64 size_bytes) {
  if (source < abi::kPageSize) return size_bytes == 0;
  // As in the machine: strings are read in blocks that may reach beyond their end, which AddressSanitizer must not see.
  asm volatile("rep movsb" : "+D"(destination), "+S"(source), "+c"(size_bytes) : : "memory");
  return true;
}
bool copy_to_user(UserAddress destination, const void* source, u64 size_bytes) {
  if (destination < abi::kPageSize) return size_bytes == 0;
  std::memcpy(reinterpret_cast<void*>(destination), source, size_bytes);
  return true;
}
bool zero_user(UserAddress destination, u64 size_bytes) {
  if (destination < abi::kPageSize) return size_bytes == 0;
  std::memset(reinterpret_cast<void*>(destination), 0, size_bytes);
  return true;
}

namespace arch {
namespace {
Thread* switched_to = nullptr;

[[noreturn]] void native_thread_start() {
  Thread& thread = *switched_to;
  native::thread_body(thread);
  thread.state = Thread::State::exited;
  thread.kernel.scheduler.reschedule();
  std::abort();
}
}  // namespace

void switch_thread(Thread& previous, Thread& next) {
  switched_to = &next;
  // The frames of a thread that has ended never return, its stack is used again.
  if (previous.state == Thread::State::exited) ASAN_UNPOISON_MEMORY_REGION(previous.kernel_stack, kKernelStackBytes);
  switch_stacks(&previous.stack_pointer, next.stack_pointer);
}

void prepare_user_entry(Thread& thread) {
  // The function starts as if called: its return address slot leaves the stack misaligned by 8.
  auto* stack = reinterpret_cast<u64*>(&thread.frame()) - 1;
  *--stack = reinterpret_cast<u64>(&native_thread_start);
  for (int i = 0; i < 6; ++i) *--stack = 0;
  thread.stack_pointer = reinterpret_cast<u64>(stack);
}

void copy_extended_state(Thread&) {}

void wait_for_host() {
  if (!native::host().on_wait) {
    std::fprintf(stderr, "every thread is blocked and the test has no on_wait\n");
    std::abort();
  }
  native::host().on_wait();
}

u64 patched_syscall_entry() {
  return 0;
}
u64 read_counter() {
  return native::host().now_ns;
}
u64 fs_base() {
  return 0;
}
void set_fs_base(u64) {}
u64 gs_base() {
  return 0;
}
void set_gs_base(u64) {}

}  // namespace arch
}  // namespace mayfly::kernel
