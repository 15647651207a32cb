// Registers, flags and the red zone come through system calls unharmed, whatever the site of the `syscall` looks like
// and however often it runs: a kernel may replace the instructions there.
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstring>
#include <thread>

#include "check.h"

namespace {

// The flags that a program sees and a system call keeps.
constexpr unsigned long kCarry = 0x1, kParity = 0x4, kAdjust = 0x10, kZero = 0x40, kSign = 0x80, kDirection = 0x400,
                        kOverflow = 0x800;
constexpr unsigned long kKept = kCarry | kParity | kAdjust | kZero | kSign | kDirection | kOverflow;

struct State {
  unsigned long rax, rdi, rsi, rdx, rbx, rbp, r8, r9, r10, r12, r13, r14, r15, flags;
  unsigned long red_zone;  // of the word below rsp
};

// void SITE(State*): loads the state, makes the call, stores the state.
#define LOAD                 \
  "push %rbx\n push %rbp\n"  \
  "push %r12\n push %r13\n"  \
  "push %r14\n push %r15\n"  \
  "push $0x77\n push %rdi\n" \
  "mov %rdi, %rax\n"         \
  "push 104(%rax)\n popfq\n" \
  "mov 112(%rax), %rdi\n"    \
  "mov %rdi, -8(%rsp)\n"     \
  "mov 8(%rax), %rdi\n"      \
  "mov 16(%rax), %rsi\n"     \
  "mov 24(%rax), %rdx\n"     \
  "mov 32(%rax), %rbx\n"     \
  "mov 40(%rax), %rbp\n"     \
  "mov 48(%rax), %r8\n"      \
  "mov 56(%rax), %r9\n"      \
  "mov 64(%rax), %r10\n"     \
  "mov 72(%rax), %r12\n"     \
  "mov 80(%rax), %r13\n"     \
  "mov 88(%rax), %r14\n"     \
  "mov 96(%rax), %r15\n"     \
  "mov 0(%rax), %rax\n"
#define STORE                    \
  "mov -8(%rsp), %rcx\n"         \
  "mov %rcx, saved_word(%rip)\n" \
  "pushfq\n pop %r11\n"          \
  "mov (%rsp), %rcx\n"           \
  "mov %rax, 0(%rcx)\n"          \
  "mov %rdi, 8(%rcx)\n"          \
  "mov %rsi, 16(%rcx)\n"         \
  "mov %rdx, 24(%rcx)\n"         \
  "mov %rbx, 32(%rcx)\n"         \
  "mov %rbp, 40(%rcx)\n"         \
  "mov %r8, 48(%rcx)\n"          \
  "mov %r9, 56(%rcx)\n"          \
  "mov %r10, 64(%rcx)\n"         \
  "mov %r12, 72(%rcx)\n"         \
  "mov %r13, 80(%rcx)\n"         \
  "mov %r14, 88(%rcx)\n"         \
  "mov %r15, 96(%rcx)\n"         \
  "mov %r11, 104(%rcx)\n"        \
  "mov saved_word(%rip), %rdi\n" \
  "mov %rdi, 112(%rcx)\n"        \
  "cld\n pop %rdi\n pop %rdi\n"  \
  "pop %r15\n pop %r14\n"        \
  "pop %r13\n pop %r12\n"        \
  "pop %rbp\n pop %rbx\n ret\n"

asm(".bss\n saved_word: .skip 8\n .text\n"
    // The usual site.
    "site_number:\n" LOAD "mov $39, %eax\n syscall\n" STORE
    // As in glibc's syscall(): the number is in rax already, the last argument comes from the stack.
    "site_argument:\n" LOAD "mov 8(%rsp), %r9\n syscall\n" STORE
    // Nothing that can be replaced.
    "site_bare:\n" LOAD "nop\n nop\n nop\n syscall\n" STORE
    // The mov belongs to r8: only a prefix tells.
    "site_prefix:\n" LOAD "mov $39, %r8d\n syscall\n" STORE);

extern "C" {
void site_number(State*);
void site_argument(State*);
void site_bare(State*);
void site_prefix(State*);
}

using Site = void (*)(State*);

State filled(unsigned long flags) {
  State state;
  std::memset(static_cast<void*>(&state), 0x5a, sizeof state);
  state.rax = SYS_getpid;
  state.rdi = 0x1111;
  state.r12 = 0x2222;
  state.flags = 0x202 | flags;
  return state;
}

/// The registers that the site itself changes are given to `expect`.
template <typename Expect>
void unharmed(Site site, const char* what, Expect expect) {
  for (int round = 0; round < 100; ++round) {
    for (unsigned long flags : {0ul, kKept, kCarry | kDirection, kZero | kSign, kOverflow}) {
      State state = filled(flags);
      State wanted = state;
      wanted.rax = static_cast<unsigned long>(::getpid());
      expect(wanted);
      site(&state);
      CHECK((state.flags & kKept) == (wanted.flags & kKept));
      state.flags = wanted.flags;
      CHECK(std::memcmp(&state, &wanted, sizeof state) == 0);
    }
  }
  passed(what);
}

void last_arguments_arrive() {
  // Six arguments that must all count: mremap's fifth only does with a flag, so a call with six is taken.
  for (int round = 0; round < 100; ++round) {
    char bytes[8] = "abcdefg";
    int ends[2];
    CHECK(::pipe(ends) == 0);
    CHECK(::syscall(SYS_write, ends[1], bytes, 4) == 4);
    char got[8] = {};
    CHECK(::syscall(SYS_read, ends[0], got, 8) == 4 && std::memcmp(got, "abcd", 4) == 0);
    ::close(ends[0]);
    ::close(ends[1]);
    void* page = reinterpret_cast<void*>(::syscall(SYS_mmap, nullptr, 4096, 3, 0x22, -1, 0));
    CHECK(page != reinterpret_cast<void*>(-1));
    CHECK(::syscall(SYS_mmap, nullptr, 4096, 3, 0x22, -1, 1) == -1 && errno == EINVAL);
    CHECK(::syscall(SYS_munmap, page, 4096) == 0);
  }
  passed("arguments of syscall()");
}

std::atomic<int> handled;
void count(int) {
  ++handled;
}

/// A call that a signal interrupts starts again at its `syscall`, whatever stands before it.
void restarted_after_a_signal() {
  struct sigaction action {};
  action.sa_handler = count;
  action.sa_flags = SA_RESTART;
  CHECK(::sigaction(SIGUSR1, &action, nullptr) == 0);
  int ends[2];
  CHECK(::pipe(ends) == 0);
  handled = 0;
  const pthread_t reader = ::pthread_self();
  for (int round = 1; round <= 20; ++round) {
    std::thread other([&] {
      ::pthread_kill(reader, SIGUSR1);
      while (handled < round) std::this_thread::yield();
      CHECK(::write(ends[1], "x", 1) == 1);
    });
    char byte = 0;
    CHECK(::syscall(SYS_read, ends[0], &byte, 1) == 1 && byte == 'x');
    other.join();
  }
  CHECK(handled == 20);
  passed("restarted after a signal");
}

/// With the trap flag set, every instruction ends in SIGTRAP, and a system call leaves the flag alone.
void single_steps() {
  handled = 0;
  CHECK(::signal(SIGTRAP, count) != SIG_ERR);
  unsigned long flags = 0;
  long result = SYS_getppid;
  asm volatile(
      "pushfq\n orq $0x100, (%%rsp)\n popfq\n"
      "nop\n nop\n nop\n syscall\n nop\n"
      "pushfq\n pop %1\n"
      "pushfq\n andq $~0x100, (%%rsp)\n popfq\n"
      : "+a"(result), "=b"(flags)
      :
      : "rcx", "r11", "memory", "cc");
  CHECK(result == ::getppid());
  CHECK((flags & 0x100) != 0);
  CHECK(handled >= 8);
  passed("single steps");
}

}  // namespace

int main() {
  unharmed(site_number, "mov of the number", [](State&) {});
  unharmed(site_bare, "bare", [](State&) {});
  unharmed(site_prefix, "mov of another register", [](State& state) { state.r8 = 39; });
  unharmed(site_argument, "mov of the last argument", [](State& state) { state.r9 = 0x77; });
  last_arguments_arrive();
  single_steps();
  restarted_after_a_signal();
}
