// Signals: faults, jumps out of handlers, alarms, threads that spin, restarts, alternate stacks, masks, queues.
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>
#include <csetjmp>
#include <csignal>
#include <cstdint>

#include <atomic>
#include <thread>
#include <vector>

#include "check.h"

namespace {

using Handler = void (*)(int, siginfo_t*, void*);

void handle(int signal, Handler handler, int flags = 0) {
  struct sigaction action {};
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO | flags;
  CHECK(sigaction(signal, &action, nullptr) == 0);
}

// ---- faults
char* protected_page = nullptr;
volatile int fault_code = 0;

void repair(int, siginfo_t* info, void*) {
  fault_code = info->si_code;
  CHECK(info->si_addr == protected_page + 100);
  CHECK(mprotect(protected_page, 4096, PROT_READ | PROT_WRITE) == 0);
}

void faults_are_repaired() {
  protected_page = static_cast<char*>(mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  handle(SIGSEGV, repair);
  protected_page[100] = 'r';
  CHECK(protected_page[100] == 'r' && fault_code == SEGV_ACCERR);
  passed("fault repaired and retried");
}

sigjmp_buf jump;
siginfo_t last_info;

void jump_out(int, siginfo_t* info, void*) {
  last_info = *info;
  siglongjmp(jump, 1);
}

template <typename Action>
int code_of(int signal, Action action) {
  handle(signal, jump_out);
  if (sigsetjmp(jump, 1) == 0) {
    action();
    return 0;
  }
  CHECK(last_info.si_signo == signal);
  return last_info.si_code;
}

void exceptions_of_the_processor() {
  volatile int zero = 0;
  volatile int one = 1;  // compilers know a shorter way for a constant
  CHECK(code_of(SIGSEGV, [] { *reinterpret_cast<volatile char*>(8) = 1; }) == SEGV_MAPERR);
  CHECK(last_info.si_addr == reinterpret_cast<void*>(8));
  CHECK(code_of(SIGFPE, [&] { zero = one / zero; }) == FPE_INTDIV);
  CHECK(code_of(SIGILL, [] { asm volatile("ud2"); }) == ILL_ILLOPN);
  CHECK(code_of(SIGTRAP, [] { asm volatile("int3"); }) == SI_KERNEL);
  CHECK(code_of(SIGSEGV, [] { *reinterpret_cast<volatile char*>(uintptr_t{0x8000'0000'0000'0000}) = 1; }) == SI_KERNEL);
  CHECK(code_of(SIGSEGV, [] { asm volatile("hlt"); }) == SI_KERNEL);
  passed("exceptions");
}

// ---- alarms
std::atomic<int> alarms = 0;
void count_alarm(int, siginfo_t*, void*) {
  ++alarms;
}

void alarm_interrupts_a_loop() {
  handle(SIGALRM, count_alarm);
  itimerval timer{{0, 2000}, {0, 2000}};
  CHECK(setitimer(ITIMER_REAL, &timer, nullptr) == 0);
  while (alarms < 5) {
  }
  timer = {};
  CHECK(setitimer(ITIMER_REAL, &timer, nullptr) == 0);
  passed("alarms interrupt a loop");
}

// ---- threads
std::atomic<bool> spinning_thread_hit = false;
std::atomic<int> hit_thread = 0;
void note_thread(int, siginfo_t* info, void*) {
  CHECK(info->si_code == SI_TKILL && info->si_pid == getpid());
  hit_thread = gettid();
  spinning_thread_hit = true;
}

void signal_to_a_spinning_thread() {
  handle(SIGUSR1, note_thread);
  std::atomic<int> id = 0;
  std::thread spinner([&] {
    id = gettid();
    while (!spinning_thread_hit) {
    }
  });
  while (id == 0) std::this_thread::yield();
  CHECK(syscall(SYS_tgkill, getpid(), id.load(), SIGUSR1) == 0);
  spinner.join();
  CHECK(hit_thread == id);
  CHECK(syscall(SYS_tgkill, getpid(), 999'999, SIGUSR1) == -1 && errno == ESRCH);
  passed("signal to a spinning thread");
}

// ---- restarts
std::atomic<int> interruptions = 0;
int pipe_ends[2];
void count_interruption(int, siginfo_t*, void*) {
  ++interruptions;
}
void write_and_count(int, siginfo_t*, void*) {
  ++interruptions;
  CHECK(write(pipe_ends[1], "x", 1) == 1);
}

void interrupted_calls() {
  CHECK(pipe(pipe_ends) == 0);
  char byte = 0;
  itimerval timer{{0, 0}, {0, 10'000}};
  handle(SIGALRM, count_interruption);
  CHECK(setitimer(ITIMER_REAL, &timer, nullptr) == 0);
  CHECK(read(pipe_ends[0], &byte, 1) == -1 && errno == EINTR);
  handle(SIGALRM, write_and_count, SA_RESTART);
  CHECK(setitimer(ITIMER_REAL, &timer, nullptr) == 0);
  CHECK(read(pipe_ends[0], &byte, 1) == 1 && byte == 'x');
  handle(SIGALRM, count_interruption, SA_RESTART);
  CHECK(setitimer(ITIMER_REAL, &timer, nullptr) == 0);
  timespec second{5, 0};
  timespec left{};
  CHECK(nanosleep(&second, &left) == -1 && errno == EINTR && left.tv_sec == 4);
  CHECK(interruptions == 3);
  passed("interrupted calls");
}

// ---- stacks
char* alternate_stack = nullptr;
constexpr size_t kStackBytes = 64 * 1024;
volatile bool was_on_alternate_stack = false;

void look_at_stack(int, siginfo_t*, void*) {
  char here = 0;
  was_on_alternate_stack = &here >= alternate_stack && &here < alternate_stack + kStackBytes;
  stack_t current{};
  CHECK(sigaltstack(nullptr, &current) == 0 && current.ss_flags == SS_ONSTACK);
}

constexpr long kMoreThanAnyStack = 1L << 40;

/// Needs a page of stack for each of `depth` levels.
int use_stack(long depth) {
  volatile char here[4096];
  here[0] = static_cast<char>(depth);
  return depth == 0 ? 0 : use_stack(depth - 1) + here[0];
}

void alternate_stacks() {
  std::vector<char> memory(kStackBytes);
  alternate_stack = memory.data();
  stack_t stack{};
  stack.ss_sp = alternate_stack;
  stack.ss_size = kStackBytes;
  CHECK(sigaltstack(&stack, nullptr) == 0);
  handle(SIGUSR2, look_at_stack, SA_ONSTACK);
  CHECK(raise(SIGUSR2) == 0 && was_on_alternate_stack);
  handle(SIGSEGV, jump_out, SA_ONSTACK);
  if (sigsetjmp(jump, 1) == 0) {
    use_stack(kMoreThanAnyStack);
    CHECK(false);
  }
  stack.ss_flags = SS_DISABLE;
  CHECK(sigaltstack(&stack, nullptr) == 0);
  passed("alternate stack");
}

// ---- masks and queues
std::vector<int> order;
void note_order(int signal, siginfo_t* info, void*) {
  order.push_back(signal);
  if (signal >= SIGRTMIN) order.push_back(info->si_value.sival_int);
}

void masks_and_queues() {
  sigset_t set;
  sigset_t old;
  sigemptyset(&set);
  order.reserve(16);
  for (int signal : {SIGUSR1, SIGUSR2, SIGRTMIN + 1}) {
    handle(signal, note_order);
    sigaddset(&set, signal);
  }
  CHECK(pthread_sigmask(SIG_BLOCK, &set, &old) == 0);
  CHECK(raise(SIGUSR2) == 0 && raise(SIGUSR2) == 0 && raise(SIGUSR1) == 0);
  for (int value : {7, 8}) CHECK(sigqueue(getpid(), SIGRTMIN + 1, {.sival_int = value}) == 0);
  sigset_t pending;
  CHECK(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1) == 1);
  CHECK(order.empty());
  siginfo_t info{};
  sigset_t only_usr1;
  sigemptyset(&only_usr1);
  sigaddset(&only_usr1, SIGUSR1);
  CHECK(sigwaitinfo(&only_usr1, &info) == SIGUSR1);
  timespec soon{0, 1'000'000};
  CHECK(sigtimedwait(&only_usr1, &info, &soon) == -1 && errno == EAGAIN);
  CHECK(sigsuspend(&old) == -1 && errno == EINTR);
  CHECK(pthread_sigmask(SIG_SETMASK, &old, nullptr) == 0);
  // Nothing says in which order the handlers of several unblocked signals run: count them.
  long values = 0;
  long usr2 = 0;
  for (int entry : order) {
    if (entry == SIGUSR2) ++usr2;
    if (entry == 7 || entry == 8) values += entry;
  }
  std::printf("%ld SIGUSR2, values %ld\n", usr2, values);
}

// ---- registers
void change_context(int, siginfo_t*, void* context) {
  auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  registers[REG_R13] = 1234;
  registers[REG_RIP] += 2;  // over the ud2
}

void scribble(int, siginfo_t*, void*) {
  asm volatile("vpcmpeqb %%ymm0, %%ymm0, %%ymm0; vmovdqa %%ymm0, %%ymm7; vmovdqa %%ymm0, %%ymm15; fldz; fstp %%st(0)" ::
                   : "xmm0", "xmm7", "xmm15");
  ++alarms;
}

void registers_survive() {
  handle(SIGILL, change_context);
  long value = 0;
  asm volatile("mov $1, %%r13; ud2; mov %%r13, %0" : "=r"(value)::"r13");
  CHECK(value == 1234);
  if (!__builtin_cpu_supports("avx")) {
    passed("registers");
    return;
  }
  handle(SIGALRM, scribble);
  alarms = 0;
  alignas(32) uint64_t pattern[4] = {1, 2, 3, 4};
  alignas(32) uint64_t after[4] = {};
  itimerval timer{{0, 1000}, {0, 1000}};
  CHECK(setitimer(ITIMER_REAL, &timer, nullptr) == 0);
  // The handler runs inside this loop, which leaves ymm7 and ymm15 alone.
  asm volatile(
      "vmovdqa (%1), %%ymm7; vmovdqa (%1), %%ymm15\n"
      "1: mov (%0), %%eax; cmp $5, %%eax; jl 1b\n"
      "vpxor %%ymm7, %%ymm15, %%ymm7; vmovdqa %%ymm15, (%2)\n"
      "vptest %%ymm7, %%ymm7; jz 2f; movl $0, (%2); 2:" ::"r"(&alarms),
      "r"(pattern), "r"(after)
      : "eax", "xmm7", "xmm15", "memory", "cc");
  timer = {};
  CHECK(setitimer(ITIMER_REAL, &timer, nullptr) == 0);
  CHECK(std::memcmp(pattern, after, sizeof pattern) == 0);
  passed("registers");
}

}  // namespace

int main() {
  faults_are_repaired();
  exceptions_of_the_processor();
  alarm_interrupts_a_loop();
  signal_to_a_spinning_thread();
  interrupted_calls();
  alternate_stacks();
  masks_and_queues();
  registers_survive();
}
