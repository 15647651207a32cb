// rt_sigqueueinfo and rt_tgsigqueueinfo: the caller's own siginfo_t, and what may not be forged.
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "signals/handle.h"

namespace {

siginfo_t filled(int code) {
  siginfo_t info{};
  std::memset(&info, 0x5a, 48);  // as much as Linux takes for codes that it does not know
  info.si_errno = 3;
  info.si_code = code;
  return info;
}

/// What is beyond the three first words comes through untouched.
bool is_intact(const siginfo_t& sent, const siginfo_t& got) {
  return std::memcmp(reinterpret_cast<const char*>(&sent) + 16, reinterpret_cast<const char*>(&got) + 16,
                     sizeof sent - 16) == 0 &&
         got.si_errno == sent.si_errno && got.si_code == sent.si_code;
}

void all_of_it_arrives() {
  sigset_t set = set_of({SIGUSR1});
  siginfo_t got{};
  siginfo_t sent = filled(-77);
  CHECK(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, &sent) == 0);
  CHECK(sigwaitinfo(&set, &got) == SIGUSR1 && is_intact(sent, got));
  CHECK(syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), SIGUSR1, &sent) == 0);
  CHECK(sigwaitinfo(&set, &got) == SIGUSR1 && is_intact(sent, got));
  sent = filled(SI_USER);  // to oneself anything goes
  CHECK(syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), SIGUSR1, &sent) == 0);
  CHECK(sigwaitinfo(&set, &got) == SIGUSR1 && is_intact(sent, got));
  passed("all of it arrives");
}

void no_forgery() {
  std::thread([&] {
    siginfo_t sent = filled(SI_USER);
    CHECK(syscall(SYS_rt_tgsigqueueinfo, getpid(), getpid(), SIGUSR1, &sent) == -1 && errno == EPERM);
    CHECK(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, &sent) == -1 && errno == EPERM);
    sent = filled(SI_TKILL);
    CHECK(syscall(SYS_rt_tgsigqueueinfo, getpid(), getpid(), SIGUSR1, &sent) == -1 && errno == EPERM);
    sent = filled(SI_QUEUE);
    CHECK(syscall(SYS_rt_tgsigqueueinfo, getpid(), getpid(), SIGUSR1, &sent) == 0);
  }).join();
  sigset_t set = set_of({SIGUSR1});
  siginfo_t got{};
  CHECK(sigwaitinfo(&set, &got) == SIGUSR1 && got.si_code == SI_QUEUE);
  passed("no forgery");
}

void errors() {
  siginfo_t sent = filled(SI_QUEUE);
  CHECK(syscall(SYS_rt_sigqueueinfo, getpid(), 65, &sent) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, 64) == -1 && errno == EFAULT);
  CHECK(syscall(SYS_rt_sigqueueinfo, 99'999'999, SIGUSR1, &sent) == -1 && errno == ESRCH);
  CHECK(syscall(SYS_rt_tgsigqueueinfo, -1, gettid(), SIGUSR1, &sent) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_rt_tgsigqueueinfo, getpid(), 0, SIGUSR1, &sent) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_rt_tgsigqueueinfo, getpid(), 99'999'999, SIGUSR1, &sent) == -1 && errno == ESRCH);
  CHECK(syscall(SYS_rt_sigqueueinfo, getpid(), 0, &sent) == 0);
  passed("errors");
}

}  // namespace

int main() {
  block({SIGUSR1});
  all_of_it_arrives();
  no_forgery();
  errors();
}
