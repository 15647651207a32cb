// What a handler changes in its context is what the program goes on with: registers, mask, vector registers, where to.
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "signals/handle.h"

namespace {

greg_t* registers_of(void* context) {
  return static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
}

void change_mask(int, siginfo_t*, void* context) {
  sigset_t& mask = static_cast<ucontext_t*>(context)->uc_sigmask;
  CHECK(sigismember(&mask, SIGUSR1) == 0);
  sigaddset(&mask, SIGUSR2);
  sigaddset(&mask, SIGKILL);  // cannot be
}

void masks() {
  handle(SIGUSR1, change_mask);
  CHECK(raise(SIGUSR1) == 0);
  sigset_t now;
  CHECK(pthread_sigmask(SIG_SETMASK, nullptr, &now) == 0);
  CHECK(sigismember(&now, SIGUSR2) == 1 && sigismember(&now, SIGUSR1) == 0 && sigismember(&now, SIGKILL) == 0);
  unblock({SIGUSR2});
  passed("masks");
}

/// Changes what is saved of xmm5 and ymm5's upper half, and of MXCSR.
void change_vectors(int, siginfo_t*, void* context) {
  auto* state = reinterpret_cast<unsigned char*>(static_cast<ucontext_t*>(context)->uc_mcontext.fpregs);
  unsigned long word = 0;
  std::memcpy(&word, state + 160 + 5 * 16, sizeof word);
  CHECK(word == 0x1111);
  word = 0x2222;
  std::memcpy(state + 160 + 5 * 16, &word, sizeof word);
  unsigned mxcsr = 0x1f80 | 0x6000;
  std::memcpy(state + 24, &mxcsr, sizeof mxcsr);
  unsigned magic = 0;
  std::memcpy(&magic, state + 464, sizeof magic);
  CHECK(magic == 0x46505853);  // FP_XSTATE_MAGIC1: more than FXSAVE's 512 bytes
  asm volatile("pxor %%xmm5, %%xmm5; pxor %%xmm6, %%xmm6" ::: "xmm5", "xmm6");
  registers_of(context)[REG_RIP] += 2;
}

void vectors() {
  handle(SIGILL, change_vectors);
  unsigned long before[2] = {0x1111, 0x3333};
  unsigned long after[4] = {};
  unsigned mxcsr = 0;
  asm volatile(
      "movdqu (%[before]), %%xmm5; movdqu (%[before]), %%xmm6; ud2\n"
      "movdqu %%xmm5, (%[after]); movdqu %%xmm6, 16(%[after]); stmxcsr %[mxcsr]\n"
      : [mxcsr] "=m"(mxcsr)
      : [before] "r"(before), [after] "r"(after)
      : "xmm5", "xmm6", "memory");
  CHECK(after[0] == 0x2222 && after[1] == 0x3333 && after[2] == 0x1111 && after[3] == 0x3333);
  CHECK(mxcsr == (0x1f80 | 0x6000));
  unsigned initial = 0x1f80;
  asm volatile("ldmxcsr %0" ::"m"(initial));
  passed("vector registers");
}

void start_clean(int, siginfo_t*, void*) {
  unsigned mxcsr = 0;
  unsigned short control = 0;
  asm volatile("stmxcsr %0; fnstcw %1" : "=m"(mxcsr), "=m"(control));
  CHECK(mxcsr == 0x1f80 && control == 0x37f);
}

void handlers_start_clean() {
  handle(SIGUSR1, start_clean);
  unsigned mxcsr = 0x1f80 | 0x2000;
  unsigned short control = 0x27f;
  asm volatile("ldmxcsr %0; fldcw %1" ::"m"(mxcsr), "m"(control));
  syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1);
  unsigned mxcsr_after = 0;
  unsigned short control_after = 0;
  asm volatile("stmxcsr %0; fnstcw %1" : "=m"(mxcsr_after), "=m"(control_after));
  CHECK(mxcsr_after == mxcsr && control_after == control);
  mxcsr = 0x1f80, control = 0x37f;
  asm volatile("ldmxcsr %0; fldcw %1" ::"m"(mxcsr), "m"(control));
  passed("handlers start clean");
}

// ---- Go's preemption: the handler makes the interrupted code call a function of its own
std::atomic<int> calls = 0;
extern "C" void injected() {
  ++calls;
}
/// Saves all that a function may use, as Go's asyncPreempt does.
[[gnu::naked]] void injected_entry() {
  asm volatile(
      "pushf; push %rax; push %rcx; push %rdx; push %rsi; push %rdi; push %r8; push %r9; push %r10; push %r11; push "
      "%rbp\n"
      "mov %rsp, %rbp; sub $512, %rsp; and $-16, %rsp; fxsave (%rsp)\n"
      "cld; call injected\n"
      "fxrstor (%rsp); mov %rbp, %rsp\n"
      "pop %rbp; pop %r11; pop %r10; pop %r9; pop %r8; pop %rdi; pop %rsi; pop %rdx; pop %rcx; pop %rax; popf; ret\n");
}

void inject_call(int, siginfo_t* info, void* context) {
  CHECK(info->si_code == SI_TKILL);
  greg_t* registers = registers_of(context);
  registers[REG_RSP] -= 128;  // the red zone
  registers[REG_RSP] -= 8;
  *reinterpret_cast<greg_t*>(registers[REG_RSP]) = registers[REG_RIP];
  registers[REG_RIP] = reinterpret_cast<greg_t>(&injected_entry);
}

/// Spins without a red zone of its own, and puts the stack pointer right again behind each call that was injected.
void spin(std::atomic<bool>* stop) {
  asm volatile(
      "push %%rbx; mov %%rsp, %%rbx\n"
      "1: mov %%rbx, %%rsp; cmpb $0, (%[stop]); je 1b\n"
      "pop %%rbx\n" ::[stop] "r"(stop)
      : "memory", "cc");
}

void calls_are_injected() {
  handle(SIGURG, inject_call, SA_RESTART | SA_ONSTACK);
  std::atomic<bool> stop = false;
  std::atomic<pid_t> id = 0;
  std::thread spinner([&] {
    id = gettid();
    spin(&stop);
  });
  while (id == 0) std::this_thread::yield();
  for (int wanted = 1; wanted <= 20; ++wanted) {
    CHECK(syscall(SYS_tgkill, getpid(), id.load(), SIGURG) == 0);
    while (calls < wanted) std::this_thread::yield();
  }
  stop = true;
  spinner.join();
  CHECK(calls == 20);
  passed("calls are injected");
}

}  // namespace

int main() {
  masks();
  vectors();
  handlers_start_clean();
  calls_are_injected();
}
