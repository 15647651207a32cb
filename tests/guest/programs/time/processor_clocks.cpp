// Clocks of processor time: of the process, of threads, from inside and outside.
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <ctime>
#include <thread>

#include "check.h"

namespace {

constexpr long kMillisecond = 1'000'000;

long read_clock(clockid_t clock) {
  timespec time{};
  CHECK(clock_gettime(clock, &time) == 0);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

void burn(long nanoseconds) {
  long end = read_clock(CLOCK_THREAD_CPUTIME_ID) + nanoseconds;
  while (read_clock(CLOCK_THREAD_CPUTIME_ID) < end) {
  }
}

void sleeping_costs_nothing() {
  long before = read_clock(CLOCK_PROCESS_CPUTIME_ID);
  usleep(500'000);
  CHECK(read_clock(CLOCK_PROCESS_CPUTIME_ID) - before < 250 * kMillisecond);
  passed("sleeping costs nothing");
}

void each_thread_has_its_own() {
  burn(50 * kMillisecond);
  long mine = read_clock(CLOCK_THREAD_CPUTIME_ID);
  long all = read_clock(CLOCK_PROCESS_CPUTIME_ID);
  std::atomic<int> stage = 0;
  std::thread other([&] {
    long own = read_clock(CLOCK_THREAD_CPUTIME_ID);
    CHECK(mine + own <= read_clock(CLOCK_PROCESS_CPUTIME_ID));  // it has begun at nought
    burn(50 * kMillisecond);
    stage = 1;
    stage.notify_all();
    stage.wait(1);
  });
  stage.wait(0);
  long my_part = read_clock(CLOCK_THREAD_CPUTIME_ID) - mine;
  CHECK(read_clock(CLOCK_PROCESS_CPUTIME_ID) - all >= my_part + 50 * kMillisecond);
  clockid_t of_other = 0;
  CHECK(pthread_getcpuclockid(other.native_handle(), &of_other) == 0);
  CHECK(read_clock(of_other) >= 50 * kMillisecond && read_clock(of_other) < read_clock(CLOCK_PROCESS_CPUTIME_ID));
  clockid_t of_process = 0;
  CHECK(clock_getcpuclockid(getpid(), &of_process) == 0 && read_clock(of_process) >= 50 * kMillisecond);
  stage = 2;
  stage.notify_all();
  other.join();
  timespec time{};
  while (clock_gettime(of_other, &time) == 0) sched_yield();  // it is joined a little before it has gone
  CHECK(errno == EINVAL);
  CHECK(read_clock(CLOCK_PROCESS_CPUTIME_ID) - all >= 50 * kMillisecond);  // and still counts
  CHECK(clock_getcpuclockid(99'999'999, &of_process) == ESRCH);
  passed("each thread has its own");
}

void sleeping_on_them() {
  std::atomic<bool> stop = false;
  std::thread burner([&] {
    while (!stop) burn(kMillisecond);
  });
  long before = read_clock(CLOCK_PROCESS_CPUTIME_ID);
  timespec length{0, 30 * kMillisecond};
  CHECK(clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, 0, &length, nullptr) == 0);
  CHECK(read_clock(CLOCK_PROCESS_CPUTIME_ID) - before >= 30 * kMillisecond);
  timespec past{0, 1};
  CHECK(clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, TIMER_ABSTIME, &past, nullptr) == 0);
  stop = true;
  burner.join();
  CHECK(syscall(SYS_clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &length, nullptr) == -1 && errno == EOPNOTSUPP);
  clockid_t own = 0;
  CHECK(pthread_getcpuclockid(pthread_self(), &own) == 0);
  CHECK(syscall(SYS_clock_nanosleep, own, 0, &length, nullptr) == -1 && errno == EINVAL);
  passed("sleeping on them");
}

}  // namespace

int main() {
  sleeping_costs_nothing();
  each_thread_has_its_own();
  sleeping_on_them();
}
