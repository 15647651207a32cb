// Which calls a handler interrupts for good, and which go on after it with SA_RESTART: the table of signal(7).
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <thread>

#include "signals/handle.h"
#include "threads/asleep.h"

namespace {

std::atomic<int> handled = 0;
void count(int, siginfo_t*, void*) {
  ++handled;
}

struct Outcome {
  long result;
  int error;
  [[nodiscard]] bool interrupted() const { return result == -1 && error == EINTR; }
};

/// Makes a call that blocks, interrupts it, and lets `finish` end it if it went on.
Outcome outcome(int flags, const std::function<long()>& call, const std::function<void()>& finish) {
  handle(SIGUSR1, count, flags);
  handled = 0;
  std::atomic<bool> returned = false;
  pid_t caller = gettid();
  std::thread other([&] {
    while (!is_asleep(caller)) std::this_thread::yield();
    CHECK(tgkill(getpid(), caller, SIGUSR1) == 0);
    while (handled == 0 || !is_asleep(caller)) std::this_thread::yield();
    if (!returned) finish();  // else it waits for this thread
  });
  Outcome outcome{call(), errno};
  returned = true;
  other.join();
  CHECK(handled == 1);
  return outcome;
}

void restarts(const char* what, const std::function<long()>& call, const std::function<void()>& finish) {
  CHECK(outcome(0, call, finish).interrupted());
  Outcome restarted = outcome(SA_RESTART, call, finish);
  CHECK(restarted.result >= 0);
  passed(what);
}

void never_restarts(const char* what, const std::function<long()>& call) {
  for (int flags : {0, SA_RESTART}) CHECK(outcome(flags, call, [] {}).interrupted());
  passed(what);
}

char byte = 'x';

void restarted_calls() {
  int ends[2];
  CHECK(pipe(ends) == 0);
  restarts(
      "read of a pipe", [&] { return read(ends[0], &byte, 1); }, [&] { CHECK(write(ends[1], "x", 1) == 1); });
  static char full[1 << 16];
  CHECK(write(ends[1], full, sizeof full) == sizeof full);
  restarts(
      "write to a pipe", [&] { return write(ends[1], "x", 1); }, [&] { CHECK(read(ends[0], full, 8192) == 8192); });

  int pair[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  restarts(
      "recv", [&] { return recv(pair[0], &byte, 1, 0); }, [&] { CHECK(send(pair[1], "x", 1, 0) == 1); });
  restarts(
      "recvmsg",
      [&] {
        iovec part{&byte, 1};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        return recvmsg(pair[0], &message, 0);
      },
      [&] { CHECK(send(pair[1], "x", 1, 0) == 1); });

  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path + 1, 40, "interrupted-%d", getpid());
  CHECK(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && listen(listener, 4) == 0);
  restarts(
      "accept", [&] { return accept(listener, nullptr, nullptr); },
      [&] {
        int client = socket(AF_UNIX, SOCK_STREAM, 0);
        CHECK(connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
      });
  int event = eventfd(0, 0);
  unsigned long value = 0;
  restarts(
      "read of an eventfd", [&] { return read(event, &value, 8); }, [&] { CHECK(eventfd_write(event, 1) == 0); });
  int timer = timerfd_create(CLOCK_MONOTONIC, 0);
  restarts(
      "read of a timerfd", [&] { return read(timer, &value, 8); },
      [&] {
        itimerspec soon{{0, 0}, {0, 1}};
        CHECK(timerfd_settime(timer, 0, &soon, nullptr) == 0);
      });
}

void interrupted_calls() {
  int ends[2];
  CHECK(pipe(ends) == 0);
  pollfd wanted{ends[0], POLLIN, 0};
  timespec second{5, 0};
  never_restarts("poll", [&] { return poll(&wanted, 1, 5000); });
  never_restarts("ppoll", [&] { return ppoll(&wanted, 1, &second, nullptr); });
  never_restarts("select", [&] {
    fd_set set;
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    timeval time{5, 0};
    return select(ends[0] + 1, &set, nullptr, nullptr, &time);
  });
  never_restarts("pselect", [&] {
    fd_set set;
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    return pselect(ends[0] + 1, &set, nullptr, nullptr, &second, nullptr);
  });
  int set = epoll_create1(0);
  epoll_event event{};
  CHECK(epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event) == 0);
  never_restarts("epoll_wait", [&] { return epoll_wait(set, &event, 1, 5000); });
  never_restarts("epoll_pwait", [&] { return epoll_pwait(set, &event, 1, -1, nullptr); });
  never_restarts("pause", [] { return pause(); });
  sigset_t none = set_of({});
  never_restarts("sigsuspend", [&] { return sigsuspend(&none); });
  sigset_t other = set_of({SIGUSR2});
  never_restarts("sigtimedwait", [&] { return sigtimedwait(&other, nullptr, &second); });
  never_restarts("sigwaitinfo", [&] { return sigwaitinfo(&other, nullptr); });
  never_restarts("nanosleep", [&] { return nanosleep(&second, nullptr); });
  never_restarts("clock_nanosleep", [&] {
    timespec until{};
    CHECK(clock_gettime(CLOCK_REALTIME, &until) == 0);
    until.tv_sec += 5;
    int error = clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, nullptr);
    errno = error;
    return error == 0 ? 0 : -1;
  });
  int pair[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  timeval patience{5, 0};
  CHECK(setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0);
  never_restarts("recv with a time-out", [&] { return recv(pair[0], &byte, 1, 0); });
}

}  // namespace

int main() {
  restarted_calls();
  interrupted_calls();
}
