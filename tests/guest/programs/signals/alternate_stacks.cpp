// sigaltstack: what is refused, stacks that disarm themselves, stacks of threads, signals that find no stack.
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>
#include <csetjmp>

#include <thread>
#include <vector>

#include "signals/handle.h"

namespace {

constexpr size_t kBytes = 64 * 1024;
constexpr int kAutoDisarm = static_cast<int>(1U << 31);

struct Stack {
  explicit Stack(int flags = 0) : memory(kBytes) {
    value.ss_sp = memory.data();
    value.ss_size = memory.size();
    value.ss_flags = flags;
  }
  [[nodiscard]] bool has(const void* address) const {
    return address >= memory.data() && address < memory.data() + memory.size();
  }
  std::vector<char> memory;
  stack_t value{};
};

stack_t current() {
  stack_t stack{};
  CHECK(sigaltstack(nullptr, &stack) == 0);
  return stack;
}

Stack* watched = nullptr;
bool was_on_it = false;
int errors_inside = 0;
stack_t seen_inside;
void look(int, siginfo_t*, void*) {
  char here = 0;
  was_on_it = watched->has(&here);
  seen_inside = current();
  errors_inside = sigaltstack(&watched->value, nullptr) == -1 ? errno : 0;
}

void refused() {
  Stack stack;
  CHECK(current().ss_flags == SS_DISABLE);
  stack.value.ss_size = 1024;
  CHECK(sigaltstack(&stack.value, nullptr) == -1 && errno == ENOMEM);
  stack.value.ss_size = kBytes;
  stack.value.ss_flags = 4;
  CHECK(sigaltstack(&stack.value, nullptr) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_sigaltstack, 64, nullptr) == -1 && errno == EFAULT);
  CHECK(syscall(SYS_sigaltstack, nullptr, 64) == -1 && errno == EFAULT);
  stack.value.ss_flags = SS_ONSTACK;  // Linux takes it for 0
  CHECK(sigaltstack(&stack.value, nullptr) == 0 && current().ss_flags == 0);
  stack.value.ss_flags = SS_DISABLE;
  stack.value.ss_size = 0;
  CHECK(sigaltstack(&stack.value, nullptr) == 0 && current().ss_flags == SS_DISABLE);
  passed("refused");
}

void in_use() {
  Stack stack;
  watched = &stack;
  CHECK(sigaltstack(&stack.value, nullptr) == 0);
  handle(SIGUSR1, look, SA_ONSTACK);
  CHECK(raise(SIGUSR1) == 0);
  CHECK(was_on_it && seen_inside.ss_flags == SS_ONSTACK && errors_inside == EPERM);
  handle(SIGUSR1, look);
  CHECK(raise(SIGUSR1) == 0);
  CHECK(!was_on_it && seen_inside.ss_flags == 0 && errors_inside == 0);
  passed("in use");
}

void disarming() {
  Stack stack(kAutoDisarm);
  watched = &stack;
  CHECK(sigaltstack(&stack.value, nullptr) == 0);
  CHECK(current().ss_flags == kAutoDisarm && current().ss_sp == stack.value.ss_sp);
  Stack other;
  handle(SIGUSR1, look, SA_ONSTACK);
  CHECK(raise(SIGUSR1) == 0);
  CHECK(was_on_it && seen_inside.ss_flags == SS_DISABLE && errors_inside == 0);
  CHECK(current().ss_flags == kAutoDisarm && current().ss_sp == stack.value.ss_sp);  // armed again
  stack.value.ss_flags = SS_DISABLE;
  CHECK(sigaltstack(&stack.value, nullptr) == 0);
  passed("disarming");
}

void of_threads() {
  Stack stack;
  CHECK(sigaltstack(&stack.value, nullptr) == 0);
  std::thread([] {
    CHECK(current().ss_flags == SS_DISABLE);
    Stack own;
    CHECK(sigaltstack(&own.value, nullptr) == 0);
    watched = &own;
    CHECK(pthread_kill(pthread_self(), SIGUSR1) == 0 && was_on_it);
    own.value.ss_flags = SS_DISABLE;
    CHECK(sigaltstack(&own.value, nullptr) == 0);
  }).join();
  CHECK(current().ss_sp == stack.value.ss_sp);
  stack.value.ss_flags = SS_DISABLE;
  CHECK(sigaltstack(&stack.value, nullptr) == 0);
  passed("of threads");
}

sigjmp_buf out;
void jump_out(int, siginfo_t* info, void*) {
  siglongjmp(out, info->si_code == SI_KERNEL ? 2 : 1);
}

/// A signal for a thread whose stack pointer leads nowhere is a fault, with a handler on a stack of its own.
void no_stack() {
  Stack stack;
  CHECK(sigaltstack(&stack.value, nullptr) == 0);
  handle(SIGUSR2, look);
  handle(SIGSEGV, jump_out, SA_ONSTACK);
  int result = sigsetjmp(out, 1);
  if (result == 0) {
    long pid = getpid();
    long tid = gettid();
    asm volatile("mov %%rsp, %%r12; mov $4096, %%rsp; syscall; mov %%r12, %%rsp" ::"a"(SYS_tgkill), "D"(pid), "S"(tid),
                 "d"(SIGUSR2)
                 : "rcx", "r11", "r12", "memory");
    CHECK(false);
  }
  CHECK(result == 2);
  passed("no stack");
}

}  // namespace

int main() {
  refused();
  in_use();
  disarming();
  of_threads();
  no_stack();
}
