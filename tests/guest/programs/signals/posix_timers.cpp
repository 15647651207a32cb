// POSIX timers: whom they signal and with what, overruns, absolute times, processor clocks, errors.
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <ctime>
#include <thread>

#include "signals/handle.h"

namespace {

constexpr long kMillisecond = 1'000'000;

std::atomic<pid_t> handled_by = 0;
siginfo_t last;
void note(int, siginfo_t* info, void*) {
  last = *info;
  handled_by = gettid();
}

timer_t make(sigevent event, clockid_t clock = CLOCK_MONOTONIC) {
  timer_t timer = nullptr;
  CHECK(timer_create(clock, &event, &timer) == 0);
  return timer;
}

void start(timer_t timer, long nanoseconds, long interval = 0, int flags = 0) {
  itimerspec setting{{0, interval}, {0, nanoseconds}};
  CHECK(timer_settime(timer, flags, &setting, nullptr) == 0);
}

void wait_for_handler() {
  while (handled_by == 0) std::this_thread::yield();
}

sigevent to_thread(pid_t id, int value) {
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = SIGRTMIN + 1;
  event.sigev_value.sival_int = value;
  event._sigev_un._tid = id;
  return event;
}

void notification() {
  handle(SIGRTMIN + 1, note);
  handle(SIGALRM, note);
  std::atomic<pid_t> id = 0;
  std::atomic<bool> stop = false;
  std::thread other([&] {
    id = gettid();
    while (!stop) std::this_thread::yield();
  });
  while (id == 0) std::this_thread::yield();
  timer_t timer = make(to_thread(id, 42));
  start(timer, kMillisecond);
  wait_for_handler();
  CHECK(handled_by == id && last.si_code == SI_TIMER && last.si_value.sival_int == 42 && last.si_overrun == 0);
  CHECK(timer_delete(timer) == 0);
  stop = true;
  other.join();
  handled_by = 0;
  timer_t plain = nullptr;
  CHECK(timer_create(CLOCK_REALTIME, nullptr, &plain) == 0);  // SIGALRM with its id
  start(plain, kMillisecond);
  wait_for_handler();
  CHECK(last.si_signo == SIGALRM && last.si_code == SI_TIMER);
  CHECK(timer_delete(plain) == 0);
  passed("notification");
}

void overruns() {
  block({SIGRTMIN + 1});
  timer_t timer = make(to_thread(gettid(), 1));
  timespec begin{};
  timespec end{};
  CHECK(clock_gettime(CLOCK_MONOTONIC, &begin) == 0);
  start(timer, kMillisecond, kMillisecond);
  timespec pause{0, 20 * kMillisecond};
  CHECK(nanosleep(&pause, nullptr) == 0);
  sigset_t set = set_of({SIGRTMIN + 1});
  siginfo_t info{};
  CHECK(sigwaitinfo(&set, &info) == SIGRTMIN + 1 && info.si_code == SI_TIMER);
  CHECK(info.si_overrun >= 15 && timer_getoverrun(timer) == info.si_overrun);
  long expirations = 2 + info.si_overrun;
  CHECK(sigwaitinfo(&set, &info) == SIGRTMIN + 1 && clock_gettime(CLOCK_MONOTONIC, &end) == 0);
  expirations += info.si_overrun;
  CHECK(expirations <= (end.tv_sec - begin.tv_sec) * 1'000 + (end.tv_nsec - begin.tv_nsec) / kMillisecond);
  CHECK(timer_delete(timer) == 0);
  timespec none{};
  while (sigtimedwait(&set, &info, &none) > 0) {
  }
  unblock({SIGRTMIN + 1});
  passed("overruns");
}

void settings() {
  sigevent silent{};
  silent.sigev_notify = SIGEV_NONE;
  timer_t timer = make(silent);
  itimerspec setting{{7, 5}, {100, 0}};
  itimerspec old{};
  CHECK(timer_gettime(timer, &old) == 0 && old.it_value.tv_sec == 0 && old.it_value.tv_nsec == 0);
  CHECK(timer_settime(timer, 0, &setting, nullptr) == 0);
  CHECK(timer_gettime(timer, &old) == 0 && old.it_interval.tv_sec == 7 && old.it_value.tv_sec == 99);
  setting = {};
  CHECK(timer_settime(timer, 0, &setting, &old) == 0 && old.it_value.tv_sec == 99);
  CHECK(timer_delete(timer) == 0);

  handled_by = 0;
  timer = make(to_thread(gettid(), 2));
  timespec now{};
  CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
  itimerspec past{{0, 0}, {now.tv_sec > 1 ? now.tv_sec - 1 : 1, 0}};
  if (now.tv_sec <= 1) past.it_value = {0, 1};
  CHECK(timer_settime(timer, TIMER_ABSTIME, &past, nullptr) == 0);
  wait_for_handler();
  CHECK(timer_delete(timer) == 0);
  passed("settings");
}

void processor_clocks() {
  for (clockid_t clock : {CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID}) {
    handled_by = 0;
    timer_t timer = make(to_thread(gettid(), 3), clock);
    timespec before{};
    CHECK(clock_gettime(clock, &before) == 0);
    start(timer, 20 * kMillisecond);
    while (handled_by == 0) {
    }
    timespec after{};
    CHECK(clock_gettime(clock, &after) == 0);
    CHECK((after.tv_sec - before.tv_sec) * 1'000'000'000 + after.tv_nsec - before.tv_nsec >= 20 * kMillisecond);
    CHECK(timer_delete(timer) == 0);
  }
  passed("processor clocks");
}

void errors() {
  sigevent event = to_thread(gettid(), 0);
  int id = 0;
  CHECK(syscall(SYS_timer_create, 99, &event, &id) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_timer_create, CLOCK_MONOTONIC_COARSE, &event, &id) == -1 && errno == EOPNOTSUPP);
  CHECK(syscall(SYS_timer_create, CLOCK_MONOTONIC, 64, &id) == -1 && errno == EFAULT);
  CHECK(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, 64) == -1 && errno == EFAULT);
  event.sigev_signo = 65;
  CHECK(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &id) == -1 && errno == EINVAL);
  event = to_thread(99'999'999, 0);
  CHECK(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &id) == -1 && errno == EINVAL);
  event.sigev_notify = 77;
  CHECK(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &id) == -1 && errno == EINVAL);
  itimerspec setting{{0, 0}, {0, 1'000'000'000}};
  event = to_thread(gettid(), 0);
  CHECK(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &id) == 0);
  CHECK(syscall(SYS_timer_settime, id, 0, &setting, nullptr) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_timer_settime, id, 0, 64, nullptr) == -1 && errno == EFAULT);
  CHECK(syscall(SYS_timer_settime, id, 0, nullptr, nullptr) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_timer_gettime, id, 64) == -1 && errno == EFAULT);
  CHECK(syscall(SYS_timer_delete, id) == 0);
  CHECK(syscall(SYS_timer_delete, id) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_timer_getoverrun, id) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_timer_gettime, id, &setting) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_timer_settime, 12345, 0, &setting, nullptr) == -1 && errno == EINVAL);
  passed("errors");
}

}  // namespace

int main() {
  notification();
  overruns();
  settings();
  processor_clocks();
  errors();
}
