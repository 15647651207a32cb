#include "guest/kernel/file/epoll.h"

#include "guest/kernel/file/io_fixture.h"

namespace mayfly::kernel {
namespace {

class EpollTest : public IoTest {
 protected:
  long control(int operation, i32 fd, u32 interest, u64 data = 0) {
    return control_of(epoll, operation, fd, interest, data);
  }
  long control_of(i32 outer, int operation, i32 fd, u32 interest, u64 data = 0) {
    epoll_event event{};
    event.events = interest;
    event.data = data;
    return call(__NR_epoll_ctl, outer, operation, fd, &event);
  }
  /// Waits without blocking unless a timeout is given. @return number of events, found in `events`
  long wait(int timeout_ms = 0, int capacity = 8) { return wait_as(thread, timeout_ms, capacity); }
  long wait_as(Thread& caller, int timeout_ms, int capacity = 8) {
    return call_as(caller, __NR_epoll_wait, epoll, events, capacity, timeout_ms);
  }

  i32 epoll = static_cast<i32>(call(__NR_epoll_create1, 0));
  epoll_event events[8] = {};
};

TEST_F(EpollTest, LevelTriggeredReportsAsLongAsItIsTrue) {
  auto [reader, writer] = pipe();
  ASSERT_EQ(control(EPOLL_CTL_ADD, reader, EPOLLIN, 77), 0);
  EXPECT_EQ(wait(), 0);
  write(writer, "x");
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(wait(), 1);
    EXPECT_EQ(events[0].events, static_cast<u32>(EPOLLIN));
    EXPECT_EQ(events[0].data, 77u);
  }
  read(reader);
  EXPECT_EQ(wait(), 0);
}

TEST_F(EpollTest, EdgeTriggeredReportsOncePerChange) {
  auto [reader, writer] = pipe();
  write(writer, "before");
  ASSERT_EQ(control(EPOLL_CTL_ADD, reader, EPOLLIN | EPOLLET), 0);
  EXPECT_EQ(wait(), 1);
  EXPECT_EQ(wait(), 0);
  write(writer, "more");
  EXPECT_EQ(wait(), 1);
  EXPECT_EQ(wait(), 0);
  EXPECT_EQ(control(EPOLL_CTL_MOD, reader, EPOLLIN | EPOLLET), 0);
  EXPECT_EQ(wait(), 1) << "EPOLL_CTL_MOD arms again";
}

TEST_F(EpollTest, OneShotNeedsToBeArmedAgain) {
  auto [reader, writer] = pipe();
  ASSERT_EQ(control(EPOLL_CTL_ADD, reader, EPOLLIN | EPOLLONESHOT), 0);
  write(writer, "x");
  EXPECT_EQ(wait(), 1);
  write(writer, "y");
  EXPECT_EQ(wait(), 0);
  EXPECT_EQ(control(EPOLL_CTL_MOD, reader, EPOLLIN | EPOLLONESHOT), 0);
  EXPECT_EQ(wait(), 1);
}

TEST_F(EpollTest, ReportsHangUpUnasked) {
  auto [reader, writer] = pipe();
  ASSERT_EQ(control(EPOLL_CTL_ADD, reader, 0), 0);
  call(__NR_close, writer);
  ASSERT_EQ(wait(), 1);
  EXPECT_EQ(events[0].events, static_cast<u32>(EPOLLHUP));
}

TEST_F(EpollTest, SharesCapacityFairly) {
  i32 writers[4];
  for (i32& writer : writers) {
    auto fds = pipe();
    writer = fds[1];
    control(EPOLL_CTL_ADD, fds[0], EPOLLIN, static_cast<u64>(fds[0]));
    write(writer, "x");
  }
  u64 seen = 0;
  for (int i = 0; i < 4; ++i) {
    ASSERT_EQ(wait(0, 1), 1);
    seen |= u64{1} << events[0].data;
  }
  EXPECT_EQ(__builtin_popcountll(seen), 4) << "each file had its turn";
  EXPECT_EQ(wait(0, 8), 4);
}

TEST_F(EpollTest, BlocksUntilAnEvent) {
  auto [reader, writer] = pipe();
  control(EPOLL_CTL_ADD, reader, EPOLLIN);
  start([&, to = writer](Thread& other) { write_as(other, to, "x"); });
  EXPECT_EQ(wait(-1), 1);
}

TEST_F(EpollTest, OneEventWakesOneThread) {
  auto [reader, writer] = pipe();
  control(EPOLL_CTL_ADD, reader, EPOLLIN | EPOLLET);
  int returned = 0;
  for (int i = 0; i < 3; ++i) {
    start([&](Thread& other) {
      EXPECT_EQ(wait_as(other, -1), 1);
      ++returned;
    });
  }
  thread.yield();
  write(writer, "x");
  thread.yield();
  EXPECT_EQ(returned, 1);
  write(writer, "x");
  thread.yield();
  EXPECT_EQ(returned, 2);
}

TEST_F(EpollTest, OneOfTheExclusiveEpollsIsWoken) {
  auto [reader, writer] = pipe();
  i32 second = static_cast<i32>(call(__NR_epoll_create1, 0));
  ASSERT_EQ(control(EPOLL_CTL_ADD, reader, EPOLLIN | EPOLLEXCLUSIVE), 0);
  ASSERT_EQ(control_of(second, EPOLL_CTL_ADD, reader, EPOLLIN | EPOLLEXCLUSIVE), 0);
  int returned = 0;
  for (i32 each : {epoll, second}) {
    start([&, each](Thread& other) {
      epoll_event event{};
      EXPECT_EQ(call_as(other, __NR_epoll_wait, each, &event, 1, -1), 1);
      ++returned;
    });
  }
  thread.yield();
  write(writer, "x");
  thread.yield();
  EXPECT_EQ(returned, 1);
  write(writer, "y");
  thread.yield();
  EXPECT_EQ(returned, 2) << "the first has no thread that waits any more";
}

TEST_F(EpollTest, TimesOut) {
  let_time_pass();
  u64 before = host.now_ns;
  EXPECT_EQ(wait(25), 0);
  EXPECT_EQ(host.now_ns - before, 25'000'000u);
}

TEST_F(EpollTest, SignalInterruptsUnderTheTemporaryMask) {
  constexpr int kSigusr1 = 10;
  SignalAction action;
  action.handler = 0x1000;
  kernel.process.actions.set(kSigusr1, action);
  thread.blocked_signals.add(kSigusr1);
  SignalInfo info;
  info.number = kSigusr1;
  thread.pending_signals.add(info);
  u64 mask = 0;
  EXPECT_EQ(call(__NR_epoll_pwait, epoll, events, 8, -1, &mask, sizeof mask), -EINTR);
  EXPECT_TRUE(thread.restore_blocked_signals);
  EXPECT_TRUE(thread.saved_blocked_signals.has(kSigusr1));
}

TEST_F(EpollTest, ForgetsAFileWithItsLastDescriptor) {
  auto [reader, writer] = pipe();
  control(EPOLL_CTL_ADD, reader, EPOLLIN);
  write(writer, "x");
  i32 copy = static_cast<i32>(call(__NR_dup, reader));
  call(__NR_close, reader);
  EXPECT_EQ(wait(), 1) << "the description lives on";
  call(__NR_close, copy);
  EXPECT_EQ(wait(), 0);
  auto again = pipe();
  EXPECT_EQ(again[0], reader);
  EXPECT_EQ(control(EPOLL_CTL_MOD, reader, EPOLLIN), -ENOENT);
  EXPECT_EQ(control(EPOLL_CTL_ADD, reader, EPOLLIN), 0);
}

TEST_F(EpollTest, RefusesWhatLinuxRefuses) {
  auto [reader, writer] = pipe();
  EXPECT_EQ(control(EPOLL_CTL_ADD, 999, EPOLLIN), -EBADF);
  EXPECT_EQ(control(EPOLL_CTL_ADD, epoll, EPOLLIN), -EINVAL);
  EXPECT_EQ(control_of(reader, EPOLL_CTL_ADD, writer, EPOLLIN), -EINVAL);
  EXPECT_EQ(control(EPOLL_CTL_DEL, reader, 0), -ENOENT);
  EXPECT_EQ(control(EPOLL_CTL_ADD, reader, EPOLLIN), 0);
  EXPECT_EQ(control(EPOLL_CTL_ADD, reader, EPOLLIN), -EEXIST);
  EXPECT_EQ(control(EPOLL_CTL_ADD, writer, EPOLLOUT | EPOLLEXCLUSIVE | EPOLLONESHOT), -EINVAL);
  EXPECT_EQ(wait(0, 0), -EINVAL);
  EXPECT_EQ(call(__NR_epoll_ctl, epoll, EPOLL_CTL_ADD, writer, nullptr), -EFAULT);
}

TEST_F(EpollTest, NestsWithoutLoops) {
  auto [reader, writer] = pipe();
  i32 inner = epoll;
  i32 outer = static_cast<i32>(call(__NR_epoll_create1, 0));
  control_of(inner, EPOLL_CTL_ADD, reader, EPOLLIN);
  ASSERT_EQ(control_of(outer, EPOLL_CTL_ADD, inner, EPOLLIN), 0);
  EXPECT_EQ(control_of(inner, EPOLL_CTL_ADD, outer, EPOLLIN), -ELOOP);
  EXPECT_EQ(poll_now(outer), 0u);
  write(writer, "x");
  EXPECT_NE(poll_now(outer) & EPOLLIN, 0u);
  read(reader);
  EXPECT_EQ(poll_now(outer), 0u);
}

TEST_F(EpollTest, NestsToALimitInWhicheverOrder) {
  i32 chain[7];
  for (i32& fd : chain) fd = static_cast<i32>(call(__NR_epoll_create1, 0));
  for (u32 i = 0; i < Epoll::kMaxNesting; ++i) {
    ASSERT_EQ(control_of(chain[i], EPOLL_CTL_ADD, chain[i + 1], EPOLLIN), 0) << "from the outside in";
  }
  EXPECT_EQ(control_of(chain[4], EPOLL_CTL_ADD, chain[5], EPOLLIN), -ELOOP);
  EXPECT_EQ(control_of(chain[6], EPOLL_CTL_ADD, chain[0], EPOLLIN), -ELOOP);
}

TEST_F(EpollTest, GivesItsMemoryBack) {
  u64 before = kernel.heap.used_bytes();
  i32 outer = static_cast<i32>(call(__NR_epoll_create1, 0));
  auto [reader, writer] = pipe();
  control_of(outer, EPOLL_CTL_ADD, reader, EPOLLIN);
  control_of(outer, EPOLL_CTL_ADD, writer, EPOLLOUT);
  call(__NR_close, reader);
  call(__NR_close, outer);
  call(__NR_close, writer);
  EXPECT_EQ(kernel.heap.used_bytes(), before);
}

}  // namespace
}  // namespace mayfly::kernel
