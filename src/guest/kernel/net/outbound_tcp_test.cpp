// TCP connections to the outside, through the rings of the shared area.
#include "guest/kernel/net/outbound_fixture.h"

namespace mayfly::kernel {
namespace {

using OutboundTcpTest = OutboundTest;

TEST_F(OutboundTcpTest, RingsWrapAround) {
  i32 fd = connected();
  // Counts that are about to overflow too: they run freely.
  slot().receive_head = slot().receive_tail = ~0u - 10;
  slot().transmit_head = slot().transmit_tail = ~0u - 10;
  resume();
  for (int round = 0; round < 20; ++round) {
    std::string bytes(20'011, static_cast<char>('a' + round));
    bytes.back() = '.';
    put(bytes);
    EXPECT_EQ(receive(fd, 30'000), bytes);
    EXPECT_EQ(send(fd, bytes), static_cast<long>(bytes.size()));
    EXPECT_EQ(take(), bytes);
  }
}

TEST_F(OutboundTcpTest, AFullRingBlocksUntilTheHostTakes) {
  i32 fd = connected();
  std::string received;
  host.on_wait = [&] {
    EXPECT_EQ(slot().transmit_head - slot().transmit_tail, abi::kOutboundTransmitBytes);
    received += take(50'000);
  };
  EXPECT_EQ(send(fd, std::string(300'000, 'x')), 300'000);
  received += take();
  EXPECT_EQ(received.size(), 300'000u);
}

TEST_F(OutboundTcpTest, RoomIsAnEdge) {
  i32 fd = connected(kNonblock);
  i32 epoll = edge_epoll(fd, EPOLLOUT);
  EXPECT_EQ(events_now(epoll), static_cast<u32>(EPOLLOUT));
  EXPECT_EQ(send(fd, std::string(100'000, 'x')), static_cast<long>(abi::kOutboundTransmitBytes));
  EXPECT_EQ(send(fd, "x"), -EAGAIN);
  take(100);
  resume();
  EXPECT_EQ(events_now(epoll), 0u) << "not worth it";
  take();
  resume();
  EXPECT_EQ(events_now(epoll), static_cast<u32>(EPOLLOUT));
  send(fd, "little");
  take();
  resume();
  EXPECT_EQ(events_now(epoll), 0u) << "there was room all the time";
}

TEST_F(OutboundTcpTest, RoomIsAnEdgeThoughTheHostTookSomeUnseen) {
  i32 fd = connected(kNonblock);
  i32 epoll = edge_epoll(fd, EPOLLOUT);
  EXPECT_EQ(events_now(epoll), static_cast<u32>(EPOLLOUT));
  EXPECT_EQ(send(fd, std::string(100, 'a')), 100);
  take();  // as it may whenever it interrupts
  EXPECT_EQ(send(fd, std::string(abi::kOutboundTransmitBytes, 'b')), static_cast<long>(abi::kOutboundTransmitBytes));
  EXPECT_EQ(send(fd, "c"), -EAGAIN);
  take();
  resume();
  EXPECT_EQ(events_now(epoll), static_cast<u32>(EPOLLOUT));
}

TEST_F(OutboundTcpTest, HalfCloseByThePeer) {
  i32 fd = connected(kNonblock);
  i32 epoll = edge_epoll(fd, EPOLLIN | EPOLLRDHUP);
  put("rest");
  slot().host_closed = 1;
  resume();
  EXPECT_EQ(events_now(epoll), static_cast<u32>(EPOLLIN | EPOLLRDHUP));
  EXPECT_EQ(receive(fd), "rest");
  EXPECT_EQ(receive(fd), "");
  EXPECT_EQ(poll_now(fd), static_cast<u32>(EPOLLIN | EPOLLRDNORM | EPOLLRDHUP) | EPOLLOUT | EPOLLWRNORM);
  EXPECT_EQ(send(fd, "still open"), 10);
  EXPECT_EQ(take(), "still open");
}

TEST_F(OutboundTcpTest, HalfCloseByTheProgram) {
  i32 fd = connected();
  send(fd, "last");
  EXPECT_EQ(call(__NR_shutdown, fd, kShutdownOutput), 0);
  EXPECT_EQ(slot().guest_closed, 1u);
  EXPECT_EQ(send(fd, "x", kMessageNoSignal), -EPIPE);
  EXPECT_EQ(take(), "last");
  put("answer");
  slot().host_closed = 1;
  resume();
  EXPECT_EQ(receive(fd), "answer");
  EXPECT_EQ(receive(fd), "");
  EXPECT_NE(poll_now(fd) & EPOLLHUP, 0u);
}

TEST_F(OutboundTcpTest, ResetLeavesWhatWasReceived) {
  i32 fd = connected();
  i32 epoll = edge_epoll(fd, EPOLLIN);
  i32 errors_only = edge_epoll(fd, 0);
  put("rest");
  set_broken(ECONNRESET);
  resume();
  EXPECT_EQ(events_now(epoll), static_cast<u32>(EPOLLIN | EPOLLERR | EPOLLHUP));
  EXPECT_EQ(events_now(errors_only), static_cast<u32>(EPOLLERR | EPOLLHUP));
  EXPECT_EQ(receive(fd), "rest");
  EXPECT_EQ(receive(fd), error(ECONNRESET));
  EXPECT_EQ(receive(fd), "");
  EXPECT_EQ(send(fd, "x", kMessageNoSignal), -EPIPE);
  EXPECT_FALSE(sigpipe_pending());
  EXPECT_EQ(send(fd, "x"), -EPIPE);
  EXPECT_TRUE(sigpipe_pending());
}

TEST_F(OutboundTcpTest, AConnectionBreaksByTheHostsError) {
  i32 fd = connected();
  host.on_wait = [&] { set_broken(ETIMEDOUT); };
  EXPECT_EQ(receive(fd), error(ETIMEDOUT));
  i32 other = socket(kFamilyInet, kStream);
  host.on_wait = [&] { set_open(1); };
  ASSERT_EQ(connect(other, outside()), 0);
  set_broken(EPIPE, 1);
  resume();
  EXPECT_EQ(option(other, kLevelSocket, kError), EPIPE);
}

TEST_F(OutboundTcpTest, ClosingTellsHow) {
  i32 fd = connected();
  send(fd, "bye");
  close(fd);
  EXPECT_EQ(slot().guest_closed, 2u);
  EXPECT_EQ(take(), "bye") << "the host may still send it";
  set_free();
  resume();
  fd = connected();
  EXPECT_EQ(slot(1).state, 0u) << "slot 0 is used again";
  i32 linger[2] = {1, 0};
  EXPECT_EQ(call(__NR_setsockopt, fd, kLevelSocket, 13 /* SO_LINGER */, linger, sizeof linger), 0);
  close(fd);
  EXPECT_EQ(slot().guest_closed, 3u);
}

TEST_F(OutboundTcpTest, ClosingWhileConnecting) {
  u64 before = kernel.heap.used_bytes();
  i32 fd = socket(kFamilyInet, kStream | kNonblock);
  EXPECT_EQ(connect(fd, outside()), -EINPROGRESS);
  close(fd);
  EXPECT_EQ(kernel.heap.used_bytes(), before);
  EXPECT_EQ(slot().state, static_cast<u32>(abi::kOutboundOpening));
  EXPECT_EQ(slot().guest_closed, 3u);
  kernel.before_wait();
  EXPECT_EQ(shared().wait.outbound, 1u) << "until the host has freed it";
  set_free();
  resume();
  kernel.before_wait();
  EXPECT_EQ(shared().wait.outbound, 0u);
}

TEST_F(OutboundTcpTest, SlotsAreLimited) {
  std::vector<i32> fds;
  for (u32 i = 0; i < abi::kMaxOutbound; ++i) {
    fds.push_back(socket(kFamilyInet, kStream | kNonblock));
    EXPECT_EQ(connect(fds.back(), outside()), -EINPROGRESS);
  }
  resume();
  EXPECT_EQ(shared().wait.outbound, ~0u);
  i32 late = socket(kFamilyInet, kStream);
  EXPECT_EQ(connect(late, outside()), -ENOBUFS);
  ASSERT_EQ(host.reports.size(), 1u);
  EXPECT_NE(host.reports[0].find("--net-connections"), std::string::npos);
  close(fds[7]);
  int waits = 0;
  host.on_wait = [&] { ++waits; };
  EXPECT_EQ(connect(late, outside()), -ENOBUFS) << "the host still has it";
  EXPECT_EQ(waits, 1) << "though it was asked";
  waits = 0;
  host.on_wait = [&] { ++waits == 1 ? set_free(7) : set_open(7); };
  EXPECT_EQ(connect(late, outside()), 0) << "what was closed is free without a wait of the program's";
}

}  // namespace
}  // namespace mayfly::kernel
