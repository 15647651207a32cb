#include "cli/termination.h"

#include <sys/signalfd.h>

#include <cerrno>
#include <ctime>
#include <initializer_list>

#include "base/error.h"

namespace mayfly::cli {
namespace {

constexpr auto kEnding = {SIGINT, SIGTERM};

sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t set;
  ::sigemptyset(&set);
  for (int signal : signals) ::sigaddset(&set, signal);
  return set;
}

void change_mask(int how, const sigset_t& set, sigset_t* before) {
  if (int error = ::pthread_sigmask(how, &set, before); error != 0) throw SystemError("pthread_sigmask()", error);
}

bool is_ignored(int signal) {
  struct sigaction action {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

Termination::Termination() : ignores_hang_up_(is_ignored(SIGHUP)) {
  const sigset_t set = set_of({SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2});
  change_mask(SIG_BLOCK, set, &before_);
  fd_ = UniqueFd(check(::signalfd(-1, &set, SFD_CLOEXEC), "signalfd()"));
}

Termination::~Termination() {
  const sigset_t harmless = set_of({SIGHUP, SIGUSR1, SIGUSR2});
  const timespec at_once{};
  while (::sigtimedwait(&harmless, nullptr, &at_once) > 0) {
  }
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

Termination::Taken Termination::take() {
  signalfd_siginfo info{};
  while (::read(fd_.get(), &info, sizeof info) != static_cast<ssize_t>(sizeof info)) {
    if (errno != EINTR) throw SystemError("read(signalfd)", errno);
  }
  return {.number = static_cast<int>(info.ssi_signo),
          .hang_up = info.ssi_signo == SIGHUP && info.ssi_code == SI_KERNEL};
}

void Termination::let_through() {
  // A shell without job control starts background commands with SIGINT ignored; the second one has to end us there too.
  for (int signal : kEnding) ::signal(signal, SIG_DFL);
  change_mask(SIG_UNBLOCK, set_of(kEnding), nullptr);
}

}  // namespace mayfly::cli
