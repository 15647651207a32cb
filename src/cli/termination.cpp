#include "cli/termination.h"

#include <sys/signalfd.h>

#include <cerrno>

#include "base/error.h"

namespace mayfly::cli {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM};

sigset_t termination_set() {
  sigset_t set;
  ::sigemptyset(&set);
  for (int signal : kSignals) ::sigaddset(&set, signal);
  return set;
}

void change_mask(int how, const sigset_t& set, sigset_t* before) {
  if (int error = ::pthread_sigmask(how, &set, before); error != 0) throw SystemError("pthread_sigmask()", error);
}

}  // namespace

Termination::Termination() {
  const sigset_t set = termination_set();
  change_mask(SIG_BLOCK, set, &before_);
  fd_ = UniqueFd(check(::signalfd(-1, &set, SFD_CLOEXEC), "signalfd()"));
}

Termination::~Termination() {
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

int Termination::wait() {
  signalfd_siginfo info{};
  while (::read(fd_.get(), &info, sizeof info) != static_cast<ssize_t>(sizeof info)) {
    if (errno != EINTR) throw SystemError("read(signalfd)", errno);
  }
  // A shell without job control starts background commands with SIGINT ignored; the second one has to end us there too.
  for (int signal : kSignals) ::signal(signal, SIG_DFL);
  change_mask(SIG_UNBLOCK, termination_set(), nullptr);
  return static_cast<int>(info.ssi_signo);
}

}  // namespace mayfly::cli
