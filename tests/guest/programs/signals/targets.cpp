// kill, tkill and tgkill: to whom, from whom, and errors.
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "signals/handle.h"

namespace {

std::atomic<pid_t> handled_by = 0;
siginfo_t last;
void note(int, siginfo_t* info, void*) {
  last = *info;
  handled_by = gettid();
}

void senders() {
  handle(SIGUSR1, note);
  CHECK(kill(getpid(), SIGUSR1) == 0);
  CHECK(last.si_code == SI_USER && last.si_pid == getpid() && last.si_uid == getuid());
  CHECK(syscall(SYS_tkill, gettid(), SIGUSR1) == 0);
  CHECK(last.si_code == SI_TKILL && last.si_pid == getpid());
  CHECK(syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1) == 0 && last.si_code == SI_TKILL);
  CHECK(sigqueue(getpid(), SIGUSR1, {.sival_int = 5}) == 0);
  CHECK(last.si_code == SI_QUEUE && last.si_value.sival_int == 5 && last.si_pid == getpid());
  passed("senders");
}

void who_takes_it() {
  std::atomic<pid_t> id = 0;
  std::atomic<bool> stop = false;
  std::thread other([&] {
    id = gettid();
    while (!stop) std::this_thread::yield();
  });
  while (id == 0) std::this_thread::yield();
  block({SIGUSR1});
  handled_by = 0;
  CHECK(kill(getpid(), SIGUSR1) == 0);  // only the other can take it
  while (handled_by == 0) std::this_thread::yield();
  CHECK(handled_by == id);
  handled_by = 0;
  CHECK(kill(id, SIGUSR1) == 0);  // a thread's id means its process
  while (handled_by == 0) std::this_thread::yield();
  CHECK(kill(id, 0) == 0);
  stop = true;
  other.join();
  CHECK(kill(getpid(), SIGUSR1) == 0);
  sigset_t pending;
  CHECK(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1) == 1);
  handled_by = 0;
  unblock({SIGUSR1});
  CHECK(handled_by == gettid());
  passed("who takes it");
}

void errors() {
  CHECK(kill(getpid(), 0) == 0 && kill(0, 0) == 0 && kill(-getpgrp(), 0) == 0);
  CHECK(kill(getpid(), 65) == -1 && errno == EINVAL);
  CHECK(kill(getpid(), -1) == -1 && errno == EINVAL);
  CHECK(kill(99'999'999, 0) == -1 && errno == ESRCH);
  CHECK(kill(-99'999'999, 0) == -1 && errno == ESRCH);
  CHECK(syscall(SYS_tkill, 0, SIGUSR1) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_tkill, 99'999'999, 0) == -1 && errno == ESRCH);
  CHECK(syscall(SYS_tgkill, 0, gettid(), 0) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_tgkill, getpid(), -5, 0) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_tgkill, getpid() + 77777, gettid(), 0) == -1 && errno == ESRCH);
  CHECK(syscall(SYS_tgkill, getpid(), gettid(), 65) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_tgkill, getpid(), gettid(), 0) == 0);
  passed("errors");
}

}  // namespace

int main() {
  senders();
  who_takes_it();
  errors();
}
