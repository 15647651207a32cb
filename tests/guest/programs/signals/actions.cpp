// sigaction: flags, masks, ignored and default signals, errors.
#include <sys/syscall.h>
#include <unistd.h>

#include <vector>

#include "signals/handle.h"

namespace {

std::vector<int> trace;

void nested(int signal, siginfo_t*, void*) {
  trace.push_back(signal);
  if (trace.size() == 1) CHECK(raise(signal) == 0);
  trace.push_back(-signal);
}

std::vector<int> trace_of(int flags) {
  trace.clear();
  handle(SIGUSR1, nested, flags);
  CHECK(raise(SIGUSR1) == 0);
  return trace;
}

void deferring() {
  trace.reserve(16);
  CHECK((trace_of(0) == std::vector<int>{SIGUSR1, -SIGUSR1, SIGUSR1, -SIGUSR1}));
  CHECK((trace_of(SA_NODEFER) == std::vector<int>{SIGUSR1, SIGUSR1, -SIGUSR1, -SIGUSR1}));
  passed("deferring");
}

void raise_the_other(int signal, siginfo_t*, void*) {
  trace.push_back(signal);
  if (signal == SIGUSR1) CHECK(raise(SIGUSR2) == 0);
  trace.push_back(-signal);
}

void masks() {
  struct sigaction action {};
  action.sa_sigaction = raise_the_other;
  action.sa_flags = SA_SIGINFO;
  CHECK(sigaction(SIGUSR2, &action, nullptr) == 0);
  CHECK(sigaction(SIGUSR1, &action, nullptr) == 0);
  trace.clear();
  CHECK(raise(SIGUSR1) == 0);
  CHECK((trace == std::vector<int>{SIGUSR1, SIGUSR2, -SIGUSR2, -SIGUSR1}));
  sigaddset(&action.sa_mask, SIGUSR2);
  CHECK(sigaction(SIGUSR1, &action, nullptr) == 0);
  trace.clear();
  CHECK(raise(SIGUSR1) == 0);
  CHECK((trace == std::vector<int>{SIGUSR1, -SIGUSR1, SIGUSR2, -SIGUSR2}));
  passed("masks");
}

void once(int signal, siginfo_t*, void*) {
  trace.push_back(signal);
}

void reset_hand() {
  trace.clear();
  handle(SIGWINCH, once, static_cast<int>(SA_RESETHAND));
  CHECK(raise(SIGWINCH) == 0 && trace.size() == 1);
  struct sigaction action {};
  CHECK(sigaction(SIGWINCH, nullptr, &action) == 0 && action.sa_handler == SIG_DFL);
  CHECK(raise(SIGWINCH) == 0 && trace.size() == 1);  // ignored by default
  passed("reset hand");
}

void ignored() {
  sigset_t pending;
  struct sigaction action {};
  action.sa_handler = SIG_IGN;
  block({SIGUSR1});
  CHECK(raise(SIGUSR1) == 0 && kill(getpid(), SIGUSR1) == 0);
  CHECK(sigaction(SIGUSR1, &action, nullptr) == 0);
  CHECK(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1) == 0);  // forgotten
  CHECK(raise(SIGUSR1) == 0);
  CHECK(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1) == 1);  // kept while blocked
  unblock({SIGUSR1});
  CHECK(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1) == 0);
  for (int signal : {SIGCHLD, SIGURG, SIGWINCH, SIGCONT}) {
    set_default(signal);
    CHECK(raise(signal) == 0);
  }
  passed("ignored");
}

void errors() {
  struct {
    void* handler;
    unsigned long flags;
    void* restorer;
    unsigned long mask;
  } kernel{}, old{};
  CHECK(syscall(SYS_rt_sigaction, SIGKILL, &kernel, nullptr, 8) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_rt_sigaction, SIGSTOP, &kernel, nullptr, 8) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_rt_sigaction, SIGKILL, nullptr, &old, 8) == 0);
  CHECK(syscall(SYS_rt_sigaction, 0, &kernel, nullptr, 8) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_rt_sigaction, 65, &kernel, nullptr, 8) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_rt_sigaction, SIGUSR1, &kernel, nullptr, 4) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_rt_sigaction, SIGUSR1, 64, nullptr, 8) == -1 && errno == EFAULT);
  CHECK(syscall(SYS_rt_sigaction, SIGUSR1, nullptr, 64, 8) == -1 && errno == EFAULT);
  kernel.flags = 0x400 | SA_RESTART;  // SA_UNSUPPORTED: never a flag
  kernel.mask = ~0UL;
  CHECK(syscall(SYS_rt_sigaction, SIGUSR2, &kernel, nullptr, 8) == 0);
  CHECK(syscall(SYS_rt_sigaction, SIGUSR2, nullptr, &old, 8) == 0 && old.flags == SA_RESTART);
  CHECK((old.mask & (1UL << (SIGKILL - 1) | 1UL << (SIGSTOP - 1))) == 0);
  sigset_t all;
  sigfillset(&all);
  sigset_t now;
  CHECK(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, nullptr, 8) == 0);
  CHECK(syscall(SYS_rt_sigprocmask, SIG_SETMASK, nullptr, &now, 8) == 0);
  CHECK(sigismember(&now, SIGKILL) == 0 && sigismember(&now, SIGSTOP) == 0 && sigismember(&now, SIGTERM) == 1);
  CHECK(syscall(SYS_rt_sigprocmask, 9, &all, nullptr, 8) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_rt_sigprocmask, 9, nullptr, nullptr, 8) == 0);
  CHECK(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &all, nullptr, 4) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_rt_sigprocmask, SIG_BLOCK, 64, nullptr, 8) == -1 && errno == EFAULT);
  CHECK(syscall(SYS_rt_sigprocmask, SIG_BLOCK, nullptr, 64, 8) == -1 && errno == EFAULT);
  passed("errors");
}

}  // namespace

int main() {
  deferring();
  masks();
  reset_hand();
  ignored();
  errors();
}
