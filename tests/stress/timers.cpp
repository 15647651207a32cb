// Timers of every kind and signals in numbers: nothing fires early, nothing that was queued is lost or out of order.
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <csignal>
#include <ctime>

#include "stress.h"

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kTimerSlack = 50'000;  // of Linux: it counts as part of what is left of a sleep

std::int64_t now(clockid_t clock = CLOCK_MONOTONIC) {
  timespec time{};
  HOLDS(clock_gettime(clock, &time) == 0);
  return time.tv_sec * kSecond + time.tv_nsec;
}

timespec to_timespec(std::int64_t nanoseconds) {
  return {nanoseconds / kSecond, nanoseconds % kSecond};
}

void sleep_and_look(stress::Worker& worker) {
  do {
    std::int64_t begin = now();
    auto length = static_cast<std::int64_t>(worker.random.below(3'000'000));
    timespec left = to_timespec(length);
    if (worker.random.chance(2)) {
      for (timespec wanted = left; nanosleep(&wanted, &left) != 0; wanted = left) {
        HOLDS(errno == EINTR && left.tv_sec == 0 && left.tv_nsec <= wanted.tv_nsec + kTimerSlack);
      }
    } else {
      timespec until = to_timespec(begin + length);
      while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
      }
    }
    HOLDS(now() - begin >= length);
  } while (worker.go_on());
}

void timer_descriptors(stress::Worker& worker) {
  int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  HOLDS(fd >= 0);
  do {
    auto interval = static_cast<std::int64_t>(100'000 + worker.random.below(900'000));
    std::int64_t begin = now();
    itimerspec setting{to_timespec(interval), to_timespec(interval)};
    HOLDS(timerfd_settime(fd, 0, &setting, nullptr) == 0);
    std::uint64_t total = 0;
    while (total < 5) {
      pollfd wanted{fd, POLLIN, 0};
      int ready = poll(&wanted, 1, 1000);
      HOLDS(ready == 1 || (ready == -1 && errno == EINTR));
      std::uint64_t count = 0;
      if (read(fd, &count, sizeof count) == sizeof count) total += count;
      std::int64_t elapsed = now() - begin;
      HOLDS(static_cast<std::int64_t>(total) * interval <= elapsed);
    }
    setting = {};
    HOLDS(timerfd_settime(fd, 0, &setting, nullptr) == 0);
    std::uint64_t count = 0;
    HOLDS(read(fd, &count, sizeof count) == -1 && errno == EAGAIN);
  } while (worker.go_on());
  close(fd);
}

// ---- POSIX timers to one thread, which counts expirations and overruns
thread_local std::int64_t expirations = 0;

void count_expirations(int, siginfo_t* info, void*) {
  if (info->si_code == SI_TIMER) expirations += 1 + info->si_overrun;
}

void posix_timers(stress::Worker& worker) {
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = SIGRTMIN + 2;
  event._sigev_un._tid = gettid();
  do {
    timer_t timer;
    HOLDS(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
    auto interval = static_cast<std::int64_t>(50'000 + worker.random.below(500'000));
    expirations = 0;
    std::int64_t begin = now();
    itimerspec setting{to_timespec(interval), to_timespec(interval)};
    HOLDS(timer_settime(timer, 0, &setting, nullptr) == 0);
    while (expirations < 6) {
      if (worker.random.chance(2)) usleep(200);
    }
    std::int64_t seen = expirations;
    HOLDS(seen * interval <= now() - begin + interval);
    HOLDS(timer_delete(timer) == 0);
  } while (worker.go_on());
}

// ---- queued signals, each with the next number
std::atomic<std::uint64_t> sent{0}, received{0};
std::atomic<bool> senders_done{false};

void queue_signals(stress::Worker& worker) {
  do {
    sigval value{.sival_int = static_cast<int>(sent.load())};
    if (sigqueue(getpid(), SIGRTMIN + 3, value) == 0) {
      ++sent;
    } else {
      HOLDS(errno == EAGAIN);
      usleep(1000);
    }
    if (worker.random.chance(32)) usleep(500);
  } while (worker.go_on());
  senders_done = true;
}

/// Half of them by signalfd, half by sigtimedwait; one thread takes them, so that their order tells.
void take_signals(stress::Worker& worker) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN + 3);
  int fd = signalfd(-1, &set, SFD_NONBLOCK);
  HOLDS(fd >= 0);
  do {
    int value = -1;
    if (worker.random.chance(2)) {
      signalfd_siginfo info{};
      ssize_t count = read(fd, &info, sizeof info);
      if (count == sizeof info) value = info.ssi_int;
    } else {
      siginfo_t info{};
      timespec soon{0, 1'000'000};
      if (sigtimedwait(&set, &info, &soon) > 0) value = info.si_value.sival_int;
    }
    if (value >= 0) HOLDS(value == static_cast<int>(received++));
    worker.finish_up();
  } while (!senders_done || received != sent);
  close(fd);
}

// ---- alarms into a loop that makes no call and keeps values in registers
std::atomic<std::uint64_t> alarms{0};
void count_alarm(int) {
  ++alarms;
  asm volatile("pcmpeqd %%xmm0, %%xmm0; movdqa %%xmm0, %%xmm5; movdqa %%xmm0, %%xmm12" ::: "xmm0", "xmm5", "xmm12");
}

void compute(stress::Worker& worker) {
  do {
    std::uint64_t seed = worker.random.next();
    std::uint64_t low[2] = {seed, seed * 3};
    std::uint64_t after[4] = {};
    asm volatile(
        "movdqu (%[low]), %%xmm5; movdqu (%[low]), %%xmm12\n"
        "mov %[seed], %%r12; mov %[seed], %%r15; not %%r15\n"
        "mov $300000, %%ecx\n"
        "1: dec %%ecx; jnz 1b\n"
        "movdqu %%xmm5, (%[after]); pxor %%xmm5, %%xmm12; movdqu %%xmm12, 16(%[after])\n"
        "not %%r15; xor %%r12, %%r15; or %%r15, 16(%[after])\n" ::[low] "r"(low),
        [after] "r"(after), [seed] "r"(seed)
        : "rcx", "r12", "r15", "xmm5", "xmm12", "memory", "cc");
    HOLDS(after[0] == seed && after[1] == seed * 3 && after[2] == 0 && after[3] == 0);
  } while (worker.go_on());
}

}  // namespace

int main(int argc, char** argv) {
  struct sigaction action {};
  action.sa_handler = count_alarm;
  HOLDS(sigaction(SIGALRM, &action, nullptr) == 0 && sigaction(SIGPROF, &action, nullptr) == 0);
  action.sa_sigaction = count_expirations;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  HOLDS(sigaction(SIGRTMIN + 2, &action, nullptr) == 0);
  sigset_t queued;
  sigemptyset(&queued);
  sigaddset(&queued, SIGRTMIN + 3);
  HOLDS(pthread_sigmask(SIG_BLOCK, &queued, nullptr) == 0);
  itimerval often{{0, 1500}, {0, 1500}};
  HOLDS(setitimer(ITIMER_REAL, &often, nullptr) == 0 && setitimer(ITIMER_PROF, &often, nullptr) == 0);

  stress::Stress stress(argc, argv);
  stress.start("sleeper", 6, sleep_and_look);
  stress.start("timerfd", 2, timer_descriptors);
  stress.start("timer", 3, posix_timers);
  stress.start("sender", 1, queue_signals);
  stress.start("receiver", 1, take_signals);
  stress.start("computing", 2, compute);
  int status = stress.finish("timers");
  HOLDS(alarms > 0);
  return status;
}
