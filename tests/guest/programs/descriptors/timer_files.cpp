// timerfd: relative and absolute times, intervals, wrong use.
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <ctime>

#include <initializer_list>

#include "check.h"

namespace {

constexpr int64_t kMillisecond = 1'000'000;

int64_t now_ns(clockid_t clock) {
  timespec time{};
  CHECK(clock_gettime(clock, &time) == 0);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

itimerspec times(int64_t value_ns, int64_t interval_ns = 0) {
  return {{interval_ns / 1'000'000'000, interval_ns % 1'000'000'000},
          {value_ns / 1'000'000'000, value_ns % 1'000'000'000}};
}

uint64_t take(int fd) {
  uint64_t value = 0;
  CHECK(read(fd, &value, sizeof value) == sizeof value);
  return value;
}

void one_shot() {
  for (clockid_t clock : {CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME}) {
    int fd = timerfd_create(clock, 0);
    CHECK(fd >= 0);
    itimerspec setting = times(3 * kMillisecond);
    int64_t begin = now_ns(CLOCK_MONOTONIC);
    CHECK(timerfd_settime(fd, 0, &setting, nullptr) == 0 && take(fd) == 1);
    CHECK(now_ns(CLOCK_MONOTONIC) - begin >= 3 * kMillisecond);
    setting = times(now_ns(clock) + 3 * kMillisecond);
    begin = now_ns(CLOCK_MONOTONIC);
    CHECK(timerfd_settime(fd, TFD_TIMER_ABSTIME, &setting, nullptr) == 0 && take(fd) == 1);
    setting = times(now_ns(clock) - 5 * kMillisecond);  // gone by already
    CHECK(timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &setting, nullptr) == 0 && take(fd) == 1);
    CHECK(close(fd) == 0);
  }
  passed("relative and absolute times");
}

void without_waiting() {
  int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  CHECK(fcntl(fd, F_GETFL) == (O_RDWR | O_NONBLOCK) && fcntl(fd, F_GETFD) == FD_CLOEXEC);
  uint64_t value = 0;
  CHECK_FAILS(read(fd, &value, sizeof value), EAGAIN);
  itimerspec setting = times(2 * kMillisecond, 2 * kMillisecond);
  CHECK(timerfd_settime(fd, 0, &setting, nullptr) == 0);
  int64_t begin = now_ns(CLOCK_MONOTONIC);
  // Without any call that waits: the time comes all the same.
  while (now_ns(CLOCK_MONOTONIC) - begin < 21 * kMillisecond) continue;
  itimerspec left{};
  CHECK(timerfd_gettime(fd, &left) == 0 && left.it_interval.tv_nsec == 2 * kMillisecond);
  CHECK(left.it_value.tv_sec == 0 && left.it_value.tv_nsec <= 2 * kMillisecond && left.it_value.tv_nsec > 0);
  pollfd ready{fd, POLLIN | POLLOUT, 0};
  CHECK(poll(&ready, 1, 0) == 1 && ready.revents == POLLIN);
  CHECK(take(fd) >= 10);
  setting = times(0);
  CHECK(timerfd_settime(fd, 0, &setting, &left) == 0 && left.it_interval.tv_nsec == 2 * kMillisecond);
  CHECK(timerfd_gettime(fd, &left) == 0 && left.it_value.tv_nsec == 0 && left.it_interval.tv_nsec == 0);
  CHECK_FAILS(read(fd, &value, sizeof value), EAGAIN);
  setting = times(kMillisecond);
  CHECK(timerfd_settime(fd, 0, &setting, nullptr) == 0);
  begin = now_ns(CLOCK_MONOTONIC);
  while (now_ns(CLOCK_MONOTONIC) - begin < 2 * kMillisecond) continue;
  CHECK(take(fd) == 1);
  int epoll = epoll_create1(0);
  epoll_event event{};
  event.events = EPOLLIN;
  CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0 && timerfd_settime(fd, 0, &setting, nullptr) == 0);
  begin = now_ns(CLOCK_MONOTONIC);
  while (now_ns(CLOCK_MONOTONIC) - begin < 2 * kMillisecond) continue;
  CHECK(epoll_wait(epoll, &event, 1, 0) == 1 && event.events == EPOLLIN);
  CHECK(close(fd) == 0 && close(epoll) == 0);
  passed("expirations are counted while nobody waits");
}

void set_again() {
  int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  itimerspec setting = times(kMillisecond);
  CHECK(timerfd_settime(fd, 0, &setting, nullptr) == 0);
  int64_t begin = now_ns(CLOCK_MONOTONIC);
  while (now_ns(CLOCK_MONOTONIC) - begin < 2 * kMillisecond) continue;
  setting = times(3'600'000 * kMillisecond);
  itimerspec before{};
  CHECK(timerfd_settime(fd, 0, &setting, &before) == 0 && before.it_value.tv_sec == 0);
  uint64_t value = 0;
  CHECK_FAILS(read(fd, &value, sizeof value), EAGAIN);  // setting drops what was counted
  CHECK(timerfd_gettime(fd, &before) == 0 && before.it_value.tv_sec >= 3590);
  CHECK(close(fd) == 0);
  passed("setting again");
}

void wrong_use() {
  CHECK_FAILS(timerfd_create(99, 0), EINVAL);
  CHECK_FAILS(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0), EINVAL);
  CHECK_FAILS(timerfd_create(CLOCK_MONOTONIC, 0x40), EINVAL);
  int fd = timerfd_create(CLOCK_MONOTONIC, 0);
  itimerspec setting = times(kMillisecond);
  CHECK_FAILS(timerfd_settime(fd, 0x10, &setting, nullptr), EINVAL);
  CHECK_FAILS(timerfd_settime(999, 0, &setting, nullptr), EBADF);
  CHECK_FAILS(timerfd_settime(0, 0, &setting, nullptr), EINVAL);
  CHECK_FAILS(timerfd_settime(fd, 0, bad_address<itimerspec>(), nullptr), EFAULT);
  CHECK_FAILS(timerfd_gettime(fd, bad_address<itimerspec>()), EFAULT);
  CHECK_FAILS(timerfd_gettime(0, &setting), EINVAL);
  CHECK_FAILS(timerfd_gettime(999, &setting), EBADF);
  setting.it_value.tv_nsec = 1'000'000'000;
  CHECK_FAILS(timerfd_settime(fd, 0, &setting, nullptr), EINVAL);
  setting = times(kMillisecond);
  setting.it_interval.tv_sec = -1;
  CHECK_FAILS(timerfd_settime(fd, 0, &setting, nullptr), EINVAL);
  char bytes[8];
  CHECK_FAILS(read(fd, bytes, 7), EINVAL);
  CHECK_FAILS(write(fd, bytes, 8), EINVAL);
  CHECK(close(fd) == 0);
  passed("wrong use of timerfd");
}

}  // namespace

int main() {
  one_shot();
  without_waiting();
  set_again();
  wrong_use();
}
