// RLIMIT_SIGPENDING: how many signals may be queued, and what is not subject to it.
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include "signals/handle.h"

int main() {
  const int kSignal = SIGRTMIN + 1;
  rlimit limit{};
  CHECK(getrlimit(RLIMIT_SIGPENDING, &limit) == 0 && limit.rlim_cur >= 1000);
  block({kSignal, kSignal + 1, SIGUSR1});
  for (int i = 0; i < 500; ++i) CHECK(sigqueue(getpid(), kSignal, {.sival_int = i}) == 0);
  sigset_t set = set_of({kSignal});
  siginfo_t info{};
  for (int i = 0; i < 500; ++i) CHECK(sigwaitinfo(&set, &info) == kSignal && info.si_value.sival_int == i);
  passed("500 queued");
  limit.rlim_cur = 100;
  CHECK(setrlimit(RLIMIT_SIGPENDING, &limit) == 0);
  int queued = 0;
  while (sigqueue(getpid(), kSignal, {.sival_int = queued}) == 0) CHECK(++queued <= 100);
  CHECK(errno == EAGAIN && queued > 50);
  CHECK(pthread_sigqueue(pthread_self(), kSignal, {.sival_int = 0}) == EAGAIN);
  CHECK(sigqueue(getpid(), SIGUSR1, {.sival_int = 7}) == 0);  // below SIGRTMIN: pending, perhaps without its value
  CHECK(kill(getpid(), kSignal + 1) == 0);
  sigset_t pending;
  CHECK(sigpending(&pending) == 0);
  CHECK(sigismember(&pending, SIGUSR1) == 1 && sigismember(&pending, kSignal + 1) == 1);
  set = set_of({kSignal + 1});
  CHECK(sigwaitinfo(&set, &info) == kSignal + 1 && info.si_code == SI_USER);
  passed("the limit");
  set = set_of({kSignal});
  for (int i = 0; i < queued; ++i) CHECK(sigwaitinfo(&set, &info) == kSignal && info.si_value.sival_int == i);
  CHECK(sigqueue(getpid(), kSignal, {.sival_int = 1}) == 0);
  passed("and room again");
}
