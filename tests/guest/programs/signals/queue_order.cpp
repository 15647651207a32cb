// In which order pending signals are delivered, and what queued ones carry.
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vector>

#include "signals/handle.h"

namespace {

struct Seen {
  int signal;
  int code;
  long value;
  bool operator==(const Seen&) const = default;
};
std::vector<Seen> seen;
void note(int signal, siginfo_t* info, void*) {
  seen.push_back({signal, info->si_code, static_cast<long>(info->si_value.sival_int)});
}

/// Takes what is pending without handlers.
std::vector<Seen> take(const sigset_t& set) {
  std::vector<Seen> taken;
  timespec none{};
  siginfo_t info{};
  while (sigtimedwait(&set, &info, &none) > 0) {
    taken.push_back({info.si_signo, info.si_code, static_cast<long>(info.si_value.sival_int)});
  }
  CHECK(errno == EAGAIN);
  return taken;
}

void queue(int signal, int value) {
  CHECK(sigqueue(getpid(), signal, {.sival_int = value}) == 0);
}

void first_in_first_out() {
  const int kFirst = SIGRTMIN + 1;
  const int kSecond = SIGRTMIN + 2;
  sigset_t set = set_of({kFirst, kSecond, SIGUSR1});
  block({kFirst, kSecond, SIGUSR1});
  queue(kSecond, 1);
  queue(kFirst, 2);
  queue(kSecond, 3);
  queue(SIGUSR1, 4);
  queue(SIGUSR1, 5);  // merged with the one before
  queue(kFirst, 6);
  std::vector<Seen> wanted = {{SIGUSR1, SI_QUEUE, 4},
                              {kFirst, SI_QUEUE, 2},
                              {kFirst, SI_QUEUE, 6},
                              {kSecond, SI_QUEUE, 1},
                              {kSecond, SI_QUEUE, 3}};
  CHECK(take(set) == wanted);
  passed("lowest number first, first in first out");
}

void own_before_the_processs() {
  const int kSignal = SIGRTMIN + 1;
  queue(kSignal, 1);
  CHECK(pthread_sigqueue(pthread_self(), kSignal, {.sival_int = 2}) == 0);
  std::vector<Seen> wanted = {{kSignal, SI_QUEUE, 2}, {kSignal, SI_QUEUE, 1}};
  CHECK(take(set_of({kSignal})) == wanted);
  passed("the thread's own first");
}

void faults_before_others() {
  block({SIGHUP, SIGSEGV, SIGUSR1});
  for (int signal : {SIGHUP, SIGUSR1, SIGSEGV}) CHECK(raise(signal) == 0);
  siginfo_t info{};
  sigset_t set = set_of({SIGHUP, SIGSEGV, SIGUSR1});
  for (int signal : {SIGSEGV, SIGHUP, SIGUSR1}) CHECK(sigwaitinfo(&set, &info) == signal);
  passed("faults before others");
}

void handlers_nest() {
  const int kSignal = SIGRTMIN + 3;
  seen.reserve(16);
  block({kSignal, SIGUSR1, SIGUSR2});
  for (int signal : {kSignal, SIGUSR1, SIGUSR2}) handle(signal, note);
  queue(kSignal, 1);
  queue(kSignal, 2);
  CHECK(kill(getpid(), SIGUSR2) == 0);
  CHECK(raise(SIGUSR1) == 0);
  unblock({kSignal, SIGUSR1, SIGUSR2});
  // Frames are pushed lowest number first; the one on top runs first.
  CHECK(seen.size() == 4);
  CHECK(seen.back().signal == SIGUSR1);
  passed("handlers nest");
}

}  // namespace

int main() {
  first_in_first_out();
  own_before_the_processs();
  faults_before_others();
  handlers_nest();
}
