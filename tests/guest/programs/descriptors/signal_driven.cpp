// O_ASYNC: signals that tell of readiness.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <csignal>

#include "check.h"

namespace {

volatile sig_atomic_t count = 0;
volatile sig_atomic_t last_signal = 0;
volatile sig_atomic_t last_code = 0;
volatile sig_atomic_t last_fd = -1;
volatile sig_atomic_t last_band = 0;

void handle(int signal, siginfo_t* info, void*) {
  count = count + 1;
  last_signal = signal;
  last_code = info->si_code;
  last_fd = info->si_fd;
  last_band = static_cast<sig_atomic_t>(info->si_band);
}

void plain() {
  int ends[2];
  CHECK(pipe(ends) == 0);
  CHECK(fcntl(ends[0], F_SETFL, O_ASYNC) == 0 && write(ends[1], "x", 1) == 1 && count == 0);  // nobody to tell
  CHECK(fcntl(ends[0], F_SETOWN, getpid()) == 0 && write(ends[1], "x", 1) == 1);
  CHECK(count == 1 && last_signal == SIGIO && last_code == SI_KERNEL);
  CHECK(fcntl(ends[0], F_SETFL, 0) == 0 && write(ends[1], "x", 1) == 1 && count == 1);
  CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
  passed("SIGIO of a pipe");
}

void with_a_number() {
  int pair[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  CHECK(fcntl(pair[0], F_SETSIG, SIGRTMIN) == 0 && fcntl(pair[0], F_SETOWN, getpid()) == 0);
  int on = 1;
  CHECK(ioctl(pair[0], FIOASYNC, &on) == 0);
  count = 0;
  CHECK(write(pair[1], "x", 1) == 1);
  CHECK(count == 1 && last_signal == SIGRTMIN && last_code == POLL_IN && last_fd == pair[0]);
  CHECK(last_band == (0x1 | 0x40));  // POLLIN, POLLRDNORM
  int off = 0;
  CHECK(ioctl(pair[0], FIOASYNC, &off) == 0 && write(pair[1], "x", 1) == 1 && count == 1);
  CHECK(close(pair[0]) == 0 && close(pair[1]) == 0);
  passed("a signal of choice, with the descriptor");
}

}  // namespace

int main() {
  struct sigaction action {};
  action.sa_sigaction = handle;
  action.sa_flags = SA_SIGINFO;
  CHECK(sigaction(SIGIO, &action, nullptr) == 0 && sigaction(SIGRTMIN, &action, nullptr) == 0);
  plain();
  with_a_number();
}
