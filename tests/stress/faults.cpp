// Threads that touch what they may not, again and again, and recover: by repairing the page, by jumping out, by
// stepping over the instruction; with other signals and preemption in between. Registers must not notice.
#include <pthread.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>
#include <csetjmp>
#include <csignal>

#include <vector>

#include "stress.h"

namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kStackBytes = 64 * 1024;

/// What the handler is to do for its thread.
struct Plan {
  enum class Kind { none, repair, jump, skip } kind = Kind::none;
  char* page = nullptr;
  void* wanted_address = nullptr;
  sigjmp_buf jump;
  long repaired = 0;
};
thread_local Plan plan;

/// Compilers see no connection between this and what comes next.
void set_plan(Plan::Kind kind) {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  plan.kind = kind;
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

void on_fault(int signal, siginfo_t* info, void* context) {
  HOLDS(signal == SIGSEGV || signal == SIGILL || signal == SIGFPE || signal == SIGTRAP);
  switch (plan.kind) {
    case Plan::Kind::repair:
      HOLDS(info->si_code == SEGV_ACCERR && info->si_addr == plan.wanted_address);
      HOLDS(mprotect(plan.page, kPage, PROT_READ | PROT_WRITE) == 0);
      ++plan.repaired;
      return;
    case Plan::Kind::jump:
      siglongjmp(plan.jump, signal);
    case Plan::Kind::skip:
      static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP] += 2;
      return;
    case Plan::Kind::none:
      std::fprintf(stderr, "unexpected signal %d, code %d, address %p\n", signal, info->si_code, info->si_addr);
      std::_Exit(1);
  }
}

/// Stores through `address`, with patterns in registers that must be there afterwards.
void store_and_look(volatile char* address, std::uint64_t seed) {
  std::uint64_t pattern[2] = {seed, ~seed};
  std::uint64_t after[2] = {};
  std::uint64_t general = 0;
  asm volatile(
      "movdqu (%[pattern]), %%xmm7; mov %[seed], %%r13; mov %[seed], %%rbx\n"
      "movb $1, (%[address])\n"
      "movdqu %%xmm7, (%[after]); xor %%r13, %%rbx; mov %%rbx, %[general]\n"
      : [general] "=r"(general)
      : [pattern] "r"(pattern), [seed] "r"(seed), [address] "r"(address), [after] "r"(after)
      : "rbx", "r13", "xmm7", "memory", "cc");
  HOLDS(general == 0 && std::memcmp(pattern, after, sizeof pattern) == 0);
}

void use_alternate_stack(std::vector<char>& memory) {
  memory.resize(kStackBytes);
  stack_t stack{};
  stack.ss_sp = memory.data();
  stack.ss_size = memory.size();
  HOLDS(sigaltstack(&stack, nullptr) == 0);
}

void repair(stress::Worker& worker) {
  std::vector<char> memory;
  use_alternate_stack(memory);
  void* mapping = mmap(nullptr, 8 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  HOLDS(mapping != MAP_FAILED);
  long expected = 0;
  do {
    plan.page = static_cast<char*>(mapping) + worker.random.below(8) * kPage;
    std::size_t offset = worker.random.below(kPage);
    plan.wanted_address = plan.page + offset;
    set_plan(Plan::Kind::repair);
    HOLDS(mprotect(plan.page, kPage, worker.random.chance(2) ? PROT_NONE : PROT_READ) == 0);
    store_and_look(plan.page + offset, worker.random.next());
    set_plan(Plan::Kind::none);
    HOLDS(plan.page[offset] == 1 && plan.repaired == ++expected);
    plan.page[offset] = 0;
  } while (worker.go_on());
  HOLDS(munmap(mapping, 8 * kPage) == 0);
}

void jump_out(stress::Worker& worker) {
  std::vector<char> memory;
  use_alternate_stack(memory);
  do {
    volatile std::uint64_t kept = worker.random.next();
    std::uint64_t copy = kept;
    volatile int zero = 0;
    volatile int one = 1;  // compilers know a shorter way for a constant
    const volatile std::uint64_t kind = worker.random.below(4);
    int signal = sigsetjmp(plan.jump, 1);
    if (signal == 0) {
      set_plan(Plan::Kind::jump);
      if (kind == 0) *reinterpret_cast<volatile char*>(worker.random.below(kPage)) = 1;
      if (kind == 1) asm volatile("" ::"r"(one / zero));
      if (kind == 2) asm volatile("ud2" ::: "memory");
      if (kind == 3) asm volatile("int3" ::: "memory");
      HOLDS(false);
    }
    set_plan(Plan::Kind::none);
    constexpr int kSignals[] = {SIGSEGV, SIGFPE, SIGILL, SIGTRAP};
    HOLDS(signal == kSignals[kind] && kept == copy);
  } while (worker.go_on());
}

void step_over(stress::Worker& worker) {
  do {
    std::uint64_t value = worker.random.next();
    std::uint64_t result = 0;
    set_plan(Plan::Kind::skip);
    asm volatile("mov %1, %%r14; ud2; mov %%r14, %0" : "=r"(result) : "r"(value) : "r14", "memory");
    set_plan(Plan::Kind::none);
    HOLDS(result == value);
  } while (worker.go_on());
}

std::atomic<std::uint64_t> interruptions{0};
void interrupt(int) {
  ++interruptions;
}

/// Sends signals that are handled between the faults, and inside of their handlers.
void storm(stress::Worker& worker) {
  do {
    HOLDS(kill(getpid(), SIGUSR1) == 0);
    usleep(static_cast<unsigned>(worker.random.below(400)));
  } while (worker.go_on());
}

void starve(stress::Worker& worker) {
  do {
    for (int i = 0; i < 200'000; ++i) asm volatile("" ::: "memory");
  } while (worker.go_on());
}

}  // namespace

int main(int argc, char** argv) {
  struct sigaction action {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (int signal : {SIGSEGV, SIGILL, SIGFPE, SIGTRAP}) HOLDS(sigaction(signal, &action, nullptr) == 0);
  struct sigaction other {};
  other.sa_handler = interrupt;
  other.sa_flags = SA_RESTART | SA_ONSTACK;
  HOLDS(sigaction(SIGUSR1, &other, nullptr) == 0 && sigaction(SIGALRM, &other, nullptr) == 0);
  itimerval often{{0, 1000}, {0, 1000}};
  HOLDS(setitimer(ITIMER_REAL, &often, nullptr) == 0);

  stress::Stress stress(argc, argv);
  stress.start("repairing", 4, repair);
  stress.start("jumping", 3, jump_out);
  stress.start("stepping", 2, step_over);
  stress.start("storm", 1, storm);
  stress.start("spinning", 1, starve);
  int status = stress.finish("faults");
  HOLDS(interruptions > 0);
  return status;
}
