// Descriptors that stand for this process.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"

namespace {

volatile sig_atomic_t seen_code = 99;
volatile sig_atomic_t seen_value = 0;

void note(int, siginfo_t* info, void*) {
  seen_code = info->si_code;
  seen_value = info->si_value.sival_int;
}

long open_process(pid_t id, unsigned flags = 0) {
  return syscall(SYS_pidfd_open, id, flags);
}
long send(long process, int signal, siginfo_t* info = nullptr, unsigned flags = 0) {
  return syscall(SYS_pidfd_send_signal, process, signal, info, flags);
}
bool failed(long result, int error) {
  return result == -1 && errno == error;
}

void opening(int process) {
  CHECK(process >= 0 && (fcntl(process, F_GETFD) & FD_CLOEXEC) != 0);
  CHECK((fcntl(process, F_GETFL) & O_NONBLOCK) == 0);
  long nonblocking = open_process(getpid(), O_NONBLOCK);
  CHECK(nonblocking >= 0 && (fcntl(static_cast<int>(nonblocking), F_GETFL) & O_NONBLOCK) != 0);
  CHECK(close(static_cast<int>(nonblocking)) == 0);
  CHECK(failed(open_process(0), EINVAL) && failed(open_process(-1), EINVAL));
  CHECK(failed(open_process(getpid(), 1u << 20), EINVAL));
  CHECK(failed(open_process(0x3fff'fff0), ESRCH));
  passed("a process is opened by its id");
}

void living(int process) {
  pollfd watched{process, POLLIN, 0};
  CHECK(poll(&watched, 1, 0) == 0);
  char byte = 0;
  CHECK(failed(read(process, &byte, 1), EINVAL) && failed(write(process, &byte, 1), EINVAL));
  passed("it has not ended, and is no file to read");
}

void signals(int process) {
  struct sigaction action {};
  action.sa_sigaction = note;
  action.sa_flags = SA_SIGINFO;
  CHECK(sigaction(SIGUSR1, &action, nullptr) == 0);
  CHECK(send(process, 0) == 0);
  CHECK(send(process, SIGUSR1) == 0 && seen_code == SI_USER);
  siginfo_t info{};
  info.si_signo = SIGUSR1;
  info.si_code = SI_QUEUE;
  info.si_value.sival_int = 42;
  CHECK(send(process, SIGUSR1, &info) == 0 && seen_code == SI_QUEUE && seen_value == 42);
  CHECK(failed(send(process, SIGUSR2, &info), EINVAL));
  CHECK(failed(send(process, 65), EINVAL));
  CHECK(failed(send(process, SIGUSR1, nullptr, 1u << 20), EINVAL));
  CHECK(failed(send(process, SIGUSR1, reinterpret_cast<siginfo_t*>(8)), EFAULT));
  CHECK(failed(send(0, SIGUSR1), EBADF) && failed(send(-1, SIGUSR1), EBADF));
  passed("signals go to it");
}

void folders() {
  int folder = open("/proc/self", O_RDONLY | O_DIRECTORY);
  int other = open("/proc", O_RDONLY | O_DIRECTORY);
  CHECK(folder >= 0 && other >= 0);
  seen_code = 99;
  CHECK(send(folder, SIGUSR1) == 0 && seen_code == SI_USER);
  CHECK(failed(send(other, SIGUSR1), EBADF));
  CHECK(failed(syscall(SYS_pidfd_getfd, folder, 0, 0), EBADF));
  passed("its folder in /proc takes signals for it");
}

void descriptors(int process) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  long copy = syscall(SYS_pidfd_getfd, process, ends[1], 0);
  CHECK(copy > ends[1] && (fcntl(static_cast<int>(copy), F_GETFD) & FD_CLOEXEC) != 0);
  CHECK(write(static_cast<int>(copy), "x", 1) == 1);
  char byte = 0;
  CHECK(read(ends[0], &byte, 1) == 1 && byte == 'x');
  CHECK(failed(syscall(SYS_pidfd_getfd, process, 1000, 0), EBADF));
  CHECK(failed(syscall(SYS_pidfd_getfd, ends[0], ends[1], 0), EBADF));
  CHECK(failed(syscall(SYS_pidfd_getfd, process, ends[1], 1), EINVAL));
  passed("its descriptors can be had");
}

}  // namespace

int main() {
  int process = static_cast<int>(open_process(getpid()));
  opening(process);
  living(process);
  signals(process);
  folders();
  descriptors(process);
  return 0;
}
