// Restartable sequences: registration by libc, and sequences that preemption and signals interrupt.
#include <linux/rseq.h>
#include <pthread.h>
#include <sched.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>
#include <csignal>

#include <atomic>
#include <thread>

#include "signals/handle.h"

namespace {

struct rseq* own_area() {
  return reinterpret_cast<struct rseq*>(static_cast<char*>(__builtin_thread_pointer()) + __rseq_offset);
}

/// Increments `counter` in a sequence that spins before its one store, so that it is interrupted often.
/// @return true if it was committed, false if it was aborted
bool increment(long* counter, long spins) {
  struct rseq* area = own_area();
  bool committed = false;
  // The description lies among constants; the abort handler needs the signature before it.
  asm volatile(
      ".pushsection .data.rel.ro.rseq, \"aw\"\n"
      ".balign 32\n"
      "10: .long 0, 0\n"
      ".quad 1f, 2f - 1f, 4f\n"
      ".popsection\n"
      "lea 10b(%%rip), %%rax\n"
      "mov %[spins], %%rcx\n"
      "mov %%rax, %[sequence]\n"
      "1:\n"
      "mov (%[counter]), %%rdx\n"
      "6: dec %%rcx\n"
      "jnz 6b\n"
      "inc %%rdx\n"
      "mov %%rdx, (%[counter])\n"
      "2:\n"
      "mov $1, %[committed]\n"
      "jmp 5f\n"
      ".byte 0x0f, 0xb9, 0x3d\n"
      ".long 0x53053053\n"
      "4:\n"
      "mov $0, %[committed]\n"
      "5:\n"
      : [committed] "=&r"(committed), [sequence] "=m"(area->rseq_cs)
      : [counter] "r"(counter), [spins] "r"(spins)
      : "rax", "rcx", "rdx", "memory", "cc");
  return committed;
}

std::atomic<int> signals = 0;
void count_signal(int, siginfo_t*, void*) {
  ++signals;
}

void registration() {
  CHECK(__rseq_size >= 20 && __rseq_offset != 0);
  struct rseq* area = own_area();
  CHECK(area->cpu_id == area->cpu_id_start);
  CHECK(sched_getcpu() >= 0);
  CHECK(syscall(SYS_rseq, area, 32, 0, RSEQ_SIG) == -1 && errno == EBUSY);
  CHECK(syscall(SYS_rseq, area, 32, 0, 1) == -1 && errno == EPERM);
  CHECK(syscall(SYS_rseq, area + 1, 32, 0, RSEQ_SIG) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_rseq, area, 32, 6, RSEQ_SIG) == -1 && errno == EINVAL);
  std::thread([] {
    struct rseq* mine = own_area();
    CHECK(syscall(SYS_rseq, mine, 32, RSEQ_FLAG_UNREGISTER, RSEQ_SIG) == 0);
    CHECK(static_cast<int>(mine->cpu_id) == RSEQ_CPU_ID_UNINITIALIZED);
    CHECK(syscall(SYS_rseq, mine, 32, RSEQ_FLAG_UNREGISTER, RSEQ_SIG) == -1 && errno == EINVAL);
    CHECK(syscall(SYS_rseq, mine, 32, 0, RSEQ_SIG) == 0);
  }).join();
  passed("registration");
}

void interrupted_by_signals() {
  handle(SIGALRM, count_signal);
  itimerval timer{{0, 1000}, {0, 1000}};
  CHECK(setitimer(ITIMER_REAL, &timer, nullptr) == 0);
  long counter = 0;
  long committed = 0;
  int aborted = 0;
  while (aborted < 5 || signals < 5) {
    if (increment(&counter, 100'000)) {
      ++committed;
    } else {
      ++aborted;
    }
  }
  timer = {};
  CHECK(setitimer(ITIMER_REAL, &timer, nullptr) == 0);
  CHECK(counter == committed);
  passed("interrupted by signals");
}

/// Pinned to one processor, threads increment one counter without atomics: an increment that was interrupted between
/// its load and its store must not store.
void preempted() {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<unsigned>(sched_getcpu()), &one);
  CHECK(sched_setaffinity(0, sizeof one, &one) == 0);
  long counter = 0;
  std::atomic<long> committed = 0;
  std::atomic<int> aborted = 0;
  std::thread threads[3];
  for (std::thread& thread : threads) {
    thread = std::thread([&] {
      while (aborted < 6) {
        if (increment(&counter, 20'000)) {
          ++committed;
        } else {
          ++aborted;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(counter == committed);
  passed("preempted");
}

}  // namespace

int main() {
  registration();
  interrupted_by_signals();
  preempted();
}
