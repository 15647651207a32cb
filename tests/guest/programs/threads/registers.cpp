// What belongs to one thread stays its own while others run: vector registers, x87 stack, MXCSR, FS and GS.
#include <asm/prctl.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "check.h"

namespace {

std::atomic<bool> stop = false;
std::atomic<long> rounds = 0;

/// Loads registers that depend on `seed`, spins long enough to be preempted, and looks whether they are the same.
void spin(unsigned long seed) {
  unsigned long before[4] = {seed, seed * 3, seed * 5, seed * 7};
  unsigned long after[4] = {};
  double kept = 0;
  double wanted = static_cast<double>(seed);
  unsigned mxcsr = 0x1f80 | (seed & 3) << 13;  // rounding
  unsigned mxcsr_after = 0;
  CHECK(syscall(SYS_arch_prctl, ARCH_SET_GS, before) == 0);
  while (!stop) {
    unsigned long gs_word = 0;
    asm volatile(
        "ldmxcsr %[mxcsr]\n"
        "movdqu (%[before]), %%xmm3\n"
        "movdqu 16(%[before]), %%xmm14\n"
        "fldl %[wanted]\n"
        "mov $2000000, %%rcx\n"
        "1: dec %%rcx\n"
        "jnz 1b\n"
        "fstpl %[kept]\n"
        "movdqu %%xmm3, (%[after])\n"
        "movdqu %%xmm14, 16(%[after])\n"
        "stmxcsr %[mxcsr_after]\n"
        "mov %%gs:8, %[gs_word]\n"
        : [kept] "=m"(kept), [mxcsr_after] "=m"(mxcsr_after), [gs_word] "=r"(gs_word)
        : [before] "r"(before), [after] "r"(after), [wanted] "m"(wanted), [mxcsr] "m"(mxcsr)
        : "rcx", "xmm3", "xmm14", "memory", "cc");
    CHECK(std::memcmp(before, after, sizeof before) == 0);
    CHECK(kept == wanted);
    CHECK((mxcsr_after & 0x7f80) == mxcsr);
    CHECK(gs_word == before[1]);
    if (++rounds == 400) stop = true;
  }
  unsigned initial = 0x1f80;
  asm volatile("ldmxcsr %0" ::"m"(initial));
}

}  // namespace

int main() {
  std::vector<std::thread> threads;
  for (unsigned long seed : {3UL, 5UL, 8UL, 14UL}) threads.emplace_back(spin, seed);
  for (std::thread& thread : threads) thread.join();
  passed("registers of four threads");
}
