// Installing handlers, for programs about signals.
#pragma once

#include <csignal>
#include <initializer_list>

#include "check.h"

using Handler = void (*)(int, siginfo_t*, void*);

inline void handle(int signal, Handler handler, int flags = 0) {
  struct sigaction action {};
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO | flags;
  CHECK(sigaction(signal, &action, nullptr) == 0);
}

inline void set_default(int signal) {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  CHECK(sigaction(signal, &action, nullptr) == 0);
}

inline sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : signals) sigaddset(&set, signal);
  return set;
}

inline void block(std::initializer_list<int> signals) {
  sigset_t set = set_of(signals);
  CHECK(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
}

inline void unblock(std::initializer_list<int> signals) {
  sigset_t set = set_of(signals);
  CHECK(pthread_sigmask(SIG_UNBLOCK, &set, nullptr) == 0);
}
