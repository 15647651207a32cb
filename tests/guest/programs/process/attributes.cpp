// prctl, arch_prctl and personality: what is remembered, and what is refused.
#include <asm/prctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <csignal>

#include <thread>

#include "check.h"

namespace {

void names() {
  char name[17] = {};
  CHECK(prctl(PR_SET_NAME, "twenty characters or so") == 0 && prctl(PR_GET_NAME, name) == 0);
  CHECK(std::strcmp(name, "twenty characte") == 0);
  std::thread([] {
    char own[17] = {};
    CHECK(prctl(PR_GET_NAME, own) == 0 && std::strcmp(own, "twenty characte") == 0);
    CHECK(prctl(PR_SET_NAME, "") == 0 && prctl(PR_GET_NAME, own) == 0 && own[0] == '\0');
  }).join();
  CHECK(prctl(PR_GET_NAME, name) == 0 && name[0] == 't');
  CHECK(prctl(PR_SET_NAME, 64) == -1 && errno == EFAULT);
  CHECK(prctl(PR_GET_NAME, 64) == -1 && errno == EFAULT);
  passed("names");
}

void switches() {
  CHECK(prctl(PR_GET_DUMPABLE) == 1 && prctl(PR_SET_DUMPABLE, 0) == 0 && prctl(PR_GET_DUMPABLE) == 0);
  CHECK(prctl(PR_SET_DUMPABLE, 2) == -1 && errno == EINVAL);
  CHECK(prctl(PR_SET_DUMPABLE, 1) == 0);
  CHECK(prctl(PR_GET_KEEPCAPS) == 0 && prctl(PR_SET_KEEPCAPS, 1) == 0 && prctl(PR_GET_KEEPCAPS) == 1);
  CHECK(prctl(PR_SET_KEEPCAPS, 2) == -1 && errno == EINVAL);
  CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0);
  CHECK(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0) == -1 && errno == EINVAL);
  CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0) == -1 && errno == EINVAL);
  CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
  CHECK(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0) == 0 && prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0) == 0);
  CHECK(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0) == 1);
  int value = 7;
  CHECK(prctl(PR_GET_CHILD_SUBREAPER, &value) == 0 && value == 0);
  CHECK(prctl(PR_SET_CHILD_SUBREAPER, 5) == 0 && prctl(PR_GET_CHILD_SUBREAPER, &value) == 0 && value == 1);
  CHECK(prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && prctl(PR_GET_PDEATHSIG, &value) == 0 && value == SIGTERM);
  CHECK(prctl(PR_SET_PDEATHSIG, 65) == -1 && errno == EINVAL);
  CHECK(prctl(PR_GET_PDEATHSIG, 64) == -1 && errno == EFAULT);
  CHECK(prctl(PR_SET_PDEATHSIG, 0) == 0);
  passed("switches");
}

void more() {
  CHECK(prctl(PR_GET_SECCOMP) == 0);
  CHECK(prctl(PR_GET_TIMERSLACK) == 50'000 && prctl(PR_SET_TIMERSLACK, 1'000) == 0);
  CHECK(prctl(PR_GET_TIMERSLACK) == 1'000 && prctl(PR_SET_TIMERSLACK, 0) == 0 && prctl(PR_GET_TIMERSLACK) == 50'000);
  int value = 0;
  CHECK(prctl(PR_GET_TSC, &value) == 0 && value == PR_TSC_ENABLE && prctl(PR_SET_TSC, PR_TSC_ENABLE) == 0);
  CHECK(prctl(9999, 0, 0, 0, 0) == -1 && errno == EINVAL);
  void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  long named = prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, page, 4096, "a name");
  CHECK(named == 0 || errno == EINVAL);  // a matter of configuration
  passed("more");
}

void segments() {
  unsigned long base = 0;
  unsigned long thread_pointer = reinterpret_cast<unsigned long>(__builtin_thread_pointer());
  CHECK(syscall(SYS_arch_prctl, ARCH_GET_FS, &base) == 0 && base == thread_pointer);
  unsigned long words[2] = {11, 22};
  CHECK(syscall(SYS_arch_prctl, ARCH_SET_GS, words) == 0);
  CHECK(syscall(SYS_arch_prctl, ARCH_GET_GS, &base) == 0 && base == reinterpret_cast<unsigned long>(words));
  unsigned long through_gs = 0;
  asm volatile("mov %%gs:8, %0" : "=r"(through_gs));
  CHECK(through_gs == 22);
  CHECK(syscall(SYS_arch_prctl, ARCH_SET_GS, 1UL << 63) == -1 && errno == EPERM);
  CHECK(syscall(SYS_arch_prctl, ARCH_GET_FS, 64) == -1 && errno == EFAULT);
  CHECK(syscall(SYS_arch_prctl, 0x7777, 0) == -1 && errno == EINVAL);
  passed("segments");
}

void personalities() {
  CHECK(personality(0xffffffff) == PER_LINUX);
  CHECK(personality(ADDR_NO_RANDOMIZE) == PER_LINUX);
  CHECK(personality(0xffffffff) == ADDR_NO_RANDOMIZE);
  CHECK(personality(PER_LINUX) == ADDR_NO_RANDOMIZE);
  passed("personalities");
}

}  // namespace

int main() {
  names();
  switches();
  more();
  segments();
  personalities();
}
