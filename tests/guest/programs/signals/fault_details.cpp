// What a handler is told of a fault: siginfo, and the trap number, error code and address of the context.
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>
#include <csetjmp>

#include "signals/handle.h"

namespace {

sigjmp_buf out;
struct Fault {
  int signal, code;
  void* address;
  greg_t trap, error, cr2, rip;
} fault;

void note(int signal, siginfo_t* info, void* context) {
  auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  fault = {signal,
           info->si_code,
           info->si_addr,
           registers[REG_TRAPNO],
           registers[REG_ERR],
           registers[REG_CR2],
           registers[REG_RIP]};
  siglongjmp(out, 1);
}

template <typename Action>
const Fault& fault_of(Action action) {
  fault = {};
  if (sigsetjmp(out, 1) == 0) {
    action();
    CHECK(false);
  }
  return fault;
}

constexpr greg_t kWrite = 2;
constexpr greg_t kUser = 4;
constexpr greg_t kFetch = 16;
constexpr int kPage = 4096;

void pages() {
  auto* page = static_cast<volatile char*>(mmap(nullptr, 2 * kPage, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  const volatile char* base = page;
  CHECK(base[5] == 0);
  const Fault& written = fault_of([&] { page[100] = 1; });
  CHECK(written.signal == SIGSEGV && written.code == SEGV_ACCERR && written.address == page + 100);
  CHECK(written.trap == 14 && (written.error & (kWrite | kUser)) == (kWrite | kUser));
  CHECK(written.cr2 == reinterpret_cast<greg_t>(page + 100));
  CHECK(mprotect(const_cast<char*>(page), kPage, PROT_NONE) == 0);
  const Fault& read = fault_of([&] { (void)page[7]; });
  CHECK(read.code == SEGV_ACCERR && read.address == page + 7 && (read.error & kWrite) == 0);
  CHECK(mprotect(const_cast<char*>(page), kPage, PROT_READ | PROT_WRITE) == 0);
  page[0] = static_cast<char>(0xc3);
  const Fault& run = fault_of([&] { reinterpret_cast<void (*)()>(const_cast<char*>(page))(); });
  CHECK(run.code == SEGV_ACCERR && run.address == page && (run.error & kFetch) != 0);
  CHECK(run.rip == reinterpret_cast<greg_t>(page));
  CHECK(munmap(const_cast<char*>(page), 2 * kPage) == 0);
  const Fault& gone = fault_of([&] { page[kPage + 3] = 1; });
  CHECK(gone.code == SEGV_MAPERR && gone.address == page + kPage + 3);
  passed("pages");
}

void other_exceptions() {
  volatile int zero = 0;
  volatile int one = 1;  // compilers know a shorter way for a constant
  const Fault& division = fault_of([&] { asm volatile("" ::"r"(one / zero)); });
  CHECK(division.signal == SIGFPE && division.code == FPE_INTDIV && division.trap == 0);
  CHECK(division.address == reinterpret_cast<void*>(division.rip));
  const Fault& illegal = fault_of([] { asm volatile("ud2"); });
  CHECK(illegal.signal == SIGILL && illegal.code == ILL_ILLOPN && illegal.trap == 6);
  CHECK(illegal.address == reinterpret_cast<void*>(illegal.rip));
  const Fault& breakpoint = fault_of([] { asm volatile("int3"); });
  CHECK(breakpoint.signal == SIGTRAP && breakpoint.code == SI_KERNEL && breakpoint.trap == 3);
  CHECK(*reinterpret_cast<unsigned char*>(breakpoint.rip - 1) == 0xcc);
  const Fault& privileged = fault_of([] { asm volatile("cli"); });
  CHECK(privileged.signal == SIGSEGV && privileged.code == SI_KERNEL && privileged.address == nullptr);
  CHECK(privileged.trap == 13 && privileged.error == 0);
  const Fault& stack = fault_of([] {
    asm volatile("mov %%rsp, %%rax; mov $0x8000000000000000, %%rbp; mov (%%rbp), %%rcx" ::: "rax", "rcx", "memory");
  });
  CHECK(stack.signal == SIGBUS && stack.code == SI_KERNEL && stack.trap == 12);
  passed("other exceptions");
}

void single_steps() {
  const Fault& step = fault_of([] { asm volatile("pushf; orl $0x100, (%%rsp); popf; nop; nop" ::: "cc", "memory"); });
  CHECK(step.signal == SIGTRAP && step.code == TRAP_TRACE && step.trap == 1);
  CHECK(step.address == reinterpret_cast<void*>(step.rip));
  passed("single steps");
}

void sent_ones_have_no_address() {
  const Fault& sent = fault_of([] { CHECK(raise(SIGSEGV) == 0); });
  CHECK(sent.signal == SIGSEGV && sent.code == SI_TKILL);
  passed("sent ones");
}

}  // namespace

int main() {
  for (int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP}) handle(signal, note, SA_ONSTACK);
  static char stack_memory[64 * 1024];
  stack_t stack{};
  stack.ss_sp = stack_memory;
  stack.ss_size = sizeof stack_memory;
  CHECK(sigaltstack(&stack, nullptr) == 0);
  pages();
  other_exceptions();
  single_steps();
  sent_ones_have_no_address();
}
