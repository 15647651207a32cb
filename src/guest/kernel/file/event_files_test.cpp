// eventfd, timerfd and signalfd.
#include "guest/kernel/file/io_fixture.h"
#include "guest/kernel/signal/send.h"

namespace mayfly::kernel {
namespace {

class EventFilesTest : public IoTest {
 protected:
  static std::string word(u64 value) { return {reinterpret_cast<const char*>(&value), sizeof value}; }
  static u64 seconds(u64 count) { return count * kNanosecondsPerSecond; }
  /// timerfd_settime with times in nanoseconds.
  long set_timer(i32 fd, int flags, u64 value_ns, u64 interval_ns) {
    u64 setting[4] = {interval_ns / kNanosecondsPerSecond, interval_ns % kNanosecondsPerSecond,
                      value_ns / kNanosecondsPerSecond, value_ns % kNanosecondsPerSecond};
    return call(__NR_timerfd_settime, fd, flags, setting, nullptr);
  }
  void advance_to(u64 now_ns) {
    host.now_ns = now_ns;
    kernel.timers().run_expired(now_ns);
  }
};

TEST_F(EventFilesTest, EventfdAddsAndTakesAll) {
  i32 fd = static_cast<i32>(call(__NR_eventfd2, 3, O_NONBLOCK));
  EXPECT_EQ(write(fd, word(4)), 8);
  EXPECT_EQ(poll_now(fd), static_cast<u32>(EPOLLIN | EPOLLOUT));
  EXPECT_EQ(read(fd, 8), word(7));
  EXPECT_EQ(read(fd, 8), error(EAGAIN));
  EXPECT_EQ(write(fd, word(~u64{0})), -EINVAL);
  EXPECT_EQ(write(fd, word(~u64{0} - 1)), 8);
  EXPECT_EQ(poll_now(fd), static_cast<u32>(EPOLLIN));
  EXPECT_EQ(write(fd, word(1)), -EAGAIN);
  EXPECT_EQ(read(fd, 7), error(EINVAL));
}

TEST_F(EventFilesTest, EventfdAsSemaphoreTakesOne) {
  i32 fd = static_cast<i32>(call(__NR_eventfd2, 2, 1 | O_NONBLOCK));
  EXPECT_EQ(read(fd, 8), word(1));
  EXPECT_EQ(read(fd, 8), word(1));
  EXPECT_EQ(read(fd, 8), error(EAGAIN));
}

TEST_F(EventFilesTest, EventfdWakesItsReader) {
  i32 fd = static_cast<i32>(call(__NR_eventfd2, 0, 0));
  start([&](Thread& other) { write_as(other, fd, word(9)); });
  EXPECT_EQ(read(fd, 8), word(9));
}

TEST_F(EventFilesTest, TimerfdCountsPeriods) {
  i32 fd = static_cast<i32>(call(__NR_timerfd_create, 1, O_NONBLOCK));
  u64 begin = host.now_ns;
  EXPECT_EQ(set_timer(fd, 0, seconds(2), seconds(1)), 0);
  EXPECT_EQ(read(fd, 8), error(EAGAIN));
  advance_to(begin + seconds(2));
  EXPECT_EQ(read(fd, 8), word(1));
  advance_to(begin + seconds(6) + 5);
  EXPECT_EQ(poll_now(fd), static_cast<u32>(EPOLLIN));
  EXPECT_EQ(read(fd, 8), word(4));
  u64 left[4] = {};
  EXPECT_EQ(call(__NR_timerfd_gettime, fd, left), 0);
  EXPECT_EQ(left[0], 1u);
  EXPECT_EQ(left[3], kNanosecondsPerSecond - 5);
}

TEST_F(EventFilesTest, TimerfdBlocksUntilAnAbsoluteTime) {
  let_time_pass();
  i32 fd = static_cast<i32>(call(__NR_timerfd_create, 1, 0));
  EXPECT_EQ(set_timer(fd, 1 /* TFD_TIMER_ABSTIME */, host.now_ns + 500, 0), 0);
  u64 due = host.now_ns + 500;
  EXPECT_EQ(read(fd, 8), word(1));
  EXPECT_EQ(host.now_ns, due);
  EXPECT_EQ(set_timer(fd, 0, seconds(1), 0), 0);
  EXPECT_EQ(set_timer(fd, 0, 0, 0), 0) << "disarms";
  EXPECT_EQ(kernel.timers().next_deadline_ns(), kNever);
}

TEST_F(EventFilesTest, SignalfdGivesBlockedSignals) {
  constexpr int kSigusr1 = 10;
  SignalSet wanted;
  wanted.add(kSigusr1);
  thread.blocked_signals = wanted;
  u64 mask = wanted.bits();
  i32 fd = static_cast<i32>(call(__NR_signalfd4, -1, &mask, sizeof mask, O_NONBLOCK));
  i32 epoll = static_cast<i32>(call(__NR_epoll_create1, 0));
  epoll_event event{};
  event.events = EPOLLIN;
  ASSERT_EQ(call(__NR_epoll_ctl, epoll, EPOLL_CTL_ADD, fd, &event), 0);
  EXPECT_EQ(read(fd, 128), error(EAGAIN));
  SignalInfo info = kernel_signal(kSigusr1);
  kernel.process.send_signal(info);
  EXPECT_EQ(call(__NR_epoll_wait, epoll, &event, 1, 0), 1);
  std::string got = read(fd, 256);
  ASSERT_EQ(got.size(), 128u);
  EXPECT_EQ(got[0], kSigusr1);
  EXPECT_EQ(read(fd, 128), error(EAGAIN));
  EXPECT_TRUE(kernel.process.pending_signals.pending().empty());
}

}  // namespace
}  // namespace mayfly::kernel
