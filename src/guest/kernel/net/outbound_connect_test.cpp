// Connecting TCP sockets to the outside.
#include "guest/kernel/net/outbound_fixture.h"

namespace mayfly::kernel {
namespace {

class OutboundConnectTest : public OutboundTest {
 protected:
  /// Sends the process a signal that it handles.
  void interrupt() {
    SignalAction action;
    action.handler = 0x1000;
    kernel.process.actions.set(kSignal, action);
    EXPECT_EQ(call(__NR_kill, kernel.process.id, kSignal), 0);
  }
  void signal_handled() { thread.process.pending_signals.remove(kSignal); }

 private:
  static constexpr int kSignal = 10;  // SIGUSR1
};

TEST_F(OutboundConnectTest, ConnectAsksTheHost) {
  i32 fd = socket(kFamilyInet, kStream);
  host.on_wait = [&] {
    EXPECT_EQ(shared().wait.outbound, 1u);
    EXPECT_EQ(slot().kind, static_cast<u32>(abi::kOutboundTcp));
    u8 expected[16];
    set_address(expected, 93, 1);
    EXPECT_EQ(std::memcmp(slot().peer_address, expected, sizeof expected), 0);
    EXPECT_EQ(slot().peer_port, kPort);
    set_open();
  };
  EXPECT_EQ(connect(fd, outside()), 0);
  EXPECT_EQ(local_name(fd), "10.0.0.5:40000");
  EXPECT_EQ(peer_name(fd), "93.0.0.1:443");
  EXPECT_EQ(connect(fd, outside()), -EISCONN);
  EXPECT_EQ(send(fd, "question"), 8);
  EXPECT_EQ(take(), "question");
  host.on_wait = [&] { put("answer"); };
  EXPECT_EQ(receive(fd), "answer");
  EXPECT_EQ(slot().receive_tail, slot().receive_head);
}

TEST_F(OutboundConnectTest, ErrorsAreTheHosts) {
  for (int number : {ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, EACCES}) {
    i32 fd = socket(kFamilyInet, kStream);
    host.on_wait = [&] { refuse_outbound(number); };
    EXPECT_EQ(connect(fd, outside()), -number);
    EXPECT_EQ(option(fd, kLevelSocket, kError), 0) << "told already";
    EXPECT_EQ(peer_name(fd), error(ENOTCONN));
    EXPECT_EQ(slot().guest_closed, 2u) << "nothing more to say about this slot";
    set_free();
    resume();
    open_when_asked();
    EXPECT_EQ(connect(fd, outside()), 0) << "the socket can try again";
    close(fd);
    set_free();
    resume();
  }
}

TEST_F(OutboundConnectTest, ConnectingWithoutBlocking) {
  i32 fd = socket(kFamilyInet, kStream | kNonblock);
  EXPECT_EQ(connect(fd, outside()), -EINPROGRESS);
  i32 epoll = edge_epoll(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP);
  resume();
  EXPECT_EQ(connect(fd, outside()), -EALREADY);
  EXPECT_EQ(poll_now(fd), 0u);
  EXPECT_EQ(send(fd, "x"), -EAGAIN);
  EXPECT_EQ(receive(fd), error(EAGAIN));
  EXPECT_EQ(bind(fd, v4_any(1234)), -EINVAL);
  EXPECT_EQ(listen(fd), -EINVAL);
  EXPECT_EQ(peer_name(fd), error(ENOTCONN));
  EXPECT_EQ(events_now(epoll), 0u);
  set_open();
  resume();
  EXPECT_EQ(events_now(epoll), static_cast<u32>(EPOLLOUT));
  EXPECT_EQ(events_now(epoll), 0u) << "one edge";
  EXPECT_EQ(option(fd, kLevelSocket, kError), 0);
  EXPECT_EQ(connect(fd, outside()), 0);
  EXPECT_EQ(connect(fd, outside()), -EISCONN);
}

TEST_F(OutboundConnectTest, FailingWithoutBlocking) {
  i32 fd = socket(kFamilyInet, kStream | kNonblock);
  EXPECT_EQ(connect(fd, outside()), -EINPROGRESS);
  i32 epoll = edge_epoll(fd, EPOLLIN | EPOLLOUT);
  refuse_outbound(ETIMEDOUT);
  resume();
  EXPECT_EQ(events_now(epoll) & (EPOLLOUT | EPOLLERR | EPOLLHUP), static_cast<u32>(EPOLLOUT | EPOLLERR | EPOLLHUP));
  EXPECT_EQ(option(fd, kLevelSocket, kError), ETIMEDOUT);
  EXPECT_EQ(connect(fd, outside()), -ECONNABORTED) << "as Linux, once the error was fetched";
  EXPECT_EQ(connect(fd, outside()), -EINPROGRESS);
  refuse_outbound();
  resume();
  EXPECT_NE(poll_now(fd) & EPOLLRDHUP, 0u);
  EXPECT_EQ(connect(fd, outside()), -ECONNREFUSED);
  EXPECT_EQ(poll_now(fd), static_cast<u32>(EPOLLOUT | EPOLLWRNORM | EPOLLHUP)) << "as one that was never connected";
  EXPECT_EQ(slot(1).guest_closed, 2u) << "the second try had a slot of its own, as the host had not freed the first";
}

TEST_F(OutboundConnectTest, ConnectingAgainHearsOfALocalRefusal) {
  i32 fd = socket(kFamilyInet, kStream | kNonblock);
  host.on_wait = [&] { ADD_FAILURE() << "the first one has no need to stop"; };
  EXPECT_EQ(connect(fd, v4(9)), -EINPROGRESS);
  host.on_wait = [&] { refuse_outbound(); };
  EXPECT_EQ(connect(fd, v4(9)), -ECONNREFUSED);
}

TEST_F(OutboundConnectTest, TheServedPortIsAnotherMachines) {
  listener(kFamilyInet, v4_any(8000));
  shared().reset.served_port = 8000;
  open_when_asked();
  i32 fd = socket(kFamilyInet, kStream);
  EXPECT_EQ(connect(fd, v4(8000)), 0);
  EXPECT_EQ(slot().state, static_cast<u32>(abi::kOutboundOpen));
  EXPECT_EQ(slot().peer_port, 8000);
  EXPECT_EQ(peer_name(fd), "127.0.0.1:8000");
}

TEST_F(OutboundConnectTest, BytesThatComeWithTheConnection) {
  i32 fd = socket(kFamilyInet, kStream | kNonblock);
  EXPECT_EQ(connect(fd, outside()), -EINPROGRESS);
  i32 epoll = edge_epoll(fd, EPOLLIN | EPOLLRDHUP);
  put("banner");
  set_open();
  slot().host_closed = 1;
  resume();
  EXPECT_EQ(events_now(epoll), static_cast<u32>(EPOLLIN | EPOLLRDHUP));
  EXPECT_EQ(receive(fd), "banner");
  EXPECT_EQ(receive(fd), "");
}

TEST_F(OutboundConnectTest, SendTimeoutLimitsConnect) {
  i32 fd = socket(kFamilyInet, kStream);
  i64 timeout[2] = {1, 0};
  EXPECT_EQ(call(__NR_setsockopt, fd, kLevelSocket, 21 /* SO_SNDTIMEO */, timeout, sizeof timeout), 0);
  let_time_pass();
  u64 before = host.now_ns;
  EXPECT_EQ(connect(fd, outside()), -EINPROGRESS);
  EXPECT_EQ(host.now_ns - before, 1'000'000'000u);
  EXPECT_EQ(connect(fd, outside()), -EALREADY);
  open_when_asked();
  EXPECT_EQ(connect(fd, outside()), 0);
}

TEST_F(OutboundConnectTest, AnInterruptedConnectGoesOn) {
  i32 fd = socket(kFamilyInet, kStream);
  host.on_wait = [&] { interrupt(); };
  EXPECT_EQ(connect(fd, outside()), kRestart);
  EXPECT_EQ(slot().guest_closed, 0u);
  signal_handled();
  open_when_asked();
  EXPECT_EQ(connect(fd, outside()), 0);
  EXPECT_EQ(connect(fd, outside()), -EISCONN);
  EXPECT_EQ(slot(1).state, 0u) << "it was the same connection";
}

TEST_F(OutboundConnectTest, AShutdownEndsConnect) {
  i32 fd = socket(kFamilyInet, kStream);
  start([&](Thread& other) { call_as(other, __NR_shutdown, fd, kShutdownBoth); });
  EXPECT_EQ(connect(fd, outside()), -ECONNRESET);
  EXPECT_EQ(slot().guest_closed, 3u);
}

TEST_F(OutboundConnectTest, LoopbackIsAskedForOnlyWithoutAListener) {
  listener(kFamilyInet, v4_any(8000));
  EXPECT_EQ(connect(socket(kFamilyInet, kStream), v4(8000)), 0);
  EXPECT_EQ(slot().state, 0u);
  open_when_asked();
  i32 fd = socket(kFamilyInet, kStream);
  EXPECT_EQ(connect(fd, v4(5432)), 0);
  EXPECT_EQ(peer_name(fd), "127.0.0.1:5432");
  Address own = v4(9);
  const u8 eth0[4] = {192, 0, 2, 2};
  std::memcpy(own.bytes + 4, eth0, sizeof eth0);
  EXPECT_EQ(connect(socket(kFamilyInet, kStream), own), -ECONNREFUSED);
}

TEST_F(OutboundConnectTest, APortThatIsBoundHereIsTheMachinesOwn) {
  i32 server = socket(kFamilyInet, kStream);
  EXPECT_EQ(bind(server, v4(8000)), 0);
  i32 client = socket(kFamilyInet, kStream);
  EXPECT_EQ(connect(client, v4(8000)), -ECONNREFUSED);
  EXPECT_EQ(slot().state, 0u) << "the host is not asked";
  EXPECT_EQ(call(__NR_listen, server, 1), 0);
  EXPECT_EQ(connect(client, v4(8000)), 0);
  close(server);
  open_when_asked();
  EXPECT_EQ(connect(socket(kFamilyInet, kStream), v4(8000)), 0) << "nobody's any more";
  EXPECT_NE(slot().state, 0u);
}

TEST_F(OutboundConnectTest, V6SocketsReachBothFamilies) {
  i32 fd = socket(kFamilyInet6, kStream);
  Address address = v6(kPort);
  address.bytes[8] = 0x20;
  host.on_wait = [&] {
    EXPECT_EQ(slot().peer_address[0], 0x20);
    set_open();
  };
  EXPECT_EQ(connect(fd, address), 0);
  EXPECT_EQ(peer_name(fd), "[20000000000000000000000000000001]:443");
  EXPECT_EQ(local_name(fd), "[00000000000000000000ffff0a000005]:40000");
}

TEST_F(OutboundConnectTest, BoundSockets) {
  i32 fd = socket(kFamilyInet, kStream);
  EXPECT_EQ(bind(fd, v4(0)), 0);
  EXPECT_EQ(connect(fd, outside()), -EINVAL) << "loopback does not lead there";
  fd = socket(kFamilyInet, kStream);
  EXPECT_EQ(bind(fd, v4_any(5000)), 0);
  open_when_asked();
  EXPECT_EQ(connect(fd, outside()), 0);
  EXPECT_EQ(local_name(fd), "10.0.0.5:40000");
}

TEST_F(OutboundConnectTest, NoFastOpen) {
  i32 fd = socket(kFamilyInet, kStream);
  Address to = outside();
  EXPECT_EQ(call(__NR_sendto, fd, "x", 1, kMessageFastOpen, to.bytes, to.size), -EOPNOTSUPP);
}

}  // namespace
}  // namespace mayfly::kernel
