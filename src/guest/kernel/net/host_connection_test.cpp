// Connections that the host opens, through the rings of the shared area.
#include "guest/kernel/net/host_link.h"

#include "guest/kernel/net/socket_fixture.h"

namespace mayfly::kernel {
namespace {

/// Plays the host's part as abi/shared.h describes it.
class HostConnectionTest : public SocketTest {
 protected:
  static constexpr u16 kPort = 8000;

  abi::Connection& slot(u32 index = 0) { return shared().connections[index]; }
  void open(u32 index = 0, u16 port = kPort) {
    ASSERT_EQ(slot(index).state, static_cast<u32>(abi::kConnectionFree));
    slot(index) = {};
    slot(index).port = port;
    slot(index).peer_port = 4321;
    InetAddress peer = InetAddress::any(kFamilyInet, 0);
    peer.bytes[12] = 192;
    peer.bytes[15] = 7;
    std::memcpy(slot(index).peer_address, peer.bytes, sizeof peer.bytes);
    slot(index).state = abi::kConnectionOpening;
  }
  /// What the machine does after each wait.
  void resume() { kernel.host_returned(); }
  void put(const std::string& bytes, u32 index = 0) {
    for (char byte : bytes) {
      ASSERT_LT(slot(index).receive_head - slot(index).receive_tail, abi::kReceiveBytes);
      shared().receive[index][slot(index).receive_head++ % abi::kReceiveBytes] = static_cast<u8>(byte);
    }
  }
  std::string take(u64 limit = ~u64{0}, u32 index = 0) {
    std::string bytes;
    while (slot(index).transmit_tail != slot(index).transmit_head && bytes.size() < limit) {
      bytes += static_cast<char>(shared().transmit[index][slot(index).transmit_tail++ % abi::kTransmitBytes]);
    }
    return bytes;
  }
  /// A socket that was accepted from the host.
  i32 accepted(int flags = 0) {
    server = listener(kFamilyInet, v4_any(kPort));
    open();
    resume();
    return accept(server, flags);
  }

  i32 server = -1;
};

TEST_F(HostConnectionTest, CarriesARequestAndItsAnswer) {
  i32 fd = accepted();
  ASSERT_GE(fd, 0);
  EXPECT_EQ(slot().state, static_cast<u32>(abi::kConnectionOpen));
  EXPECT_EQ(peer_name(fd), "192.0.0.7:4321");
  EXPECT_EQ(local_name(fd), "127.0.0.1:8000");
  put("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(receive(fd), "GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(slot().receive_tail, slot().receive_head);
  EXPECT_EQ(send(fd, "HTTP/1.1 200 OK\r\n\r\n"), 19);
  EXPECT_EQ(take(), "HTTP/1.1 200 OK\r\n\r\n");
}

TEST_F(HostConnectionTest, RequestMayComeWithTheConnection) {
  server = listener(kFamilyInet, v4(kPort));
  open();
  put("early");
  host.on_wait = [this] { host.on_wait = nullptr; };
  i32 fd = accept(server);
  EXPECT_EQ(receive(fd), "early");
}

TEST_F(HostConnectionTest, RingsWrapAround) {
  i32 fd = accepted();
  // Counts that are about to overflow too: they run freely.
  slot().receive_head = slot().receive_tail = ~0u - 10;
  slot().transmit_head = slot().transmit_tail = ~0u - 10;
  resume();
  for (int round = 0; round < 50; ++round) {
    std::string bytes(20'011, static_cast<char>('a' + round % 26));
    bytes.back() = '.';
    put(bytes);
    EXPECT_EQ(receive(fd, 30'000), bytes);
    EXPECT_EQ(send(fd, bytes), static_cast<long>(bytes.size()));
    EXPECT_EQ(take(), bytes);
  }
}

TEST_F(HostConnectionTest, FullTransmitRingWaitsForTheHost) {
  i32 fd = accepted();
  std::string received;
  host.on_wait = [&] {
    EXPECT_EQ(slot().transmit_head - slot().transmit_tail, abi::kTransmitBytes);
    received += take(100'000);
  };
  std::string bytes(700'000, 'x');
  EXPECT_EQ(send(fd, bytes), 700'000);
  received += take();
  EXPECT_EQ(received.size(), 700'000u);
}

TEST_F(HostConnectionTest, NonblockingSenderIsToldOfRoom) {
  i32 fd = accepted(kNonblock);
  i32 epoll = static_cast<i32>(call(__NR_epoll_create1, 0));
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLET;
  call(__NR_epoll_ctl, epoll, EPOLL_CTL_ADD, fd, &event);
  ASSERT_EQ(call(__NR_epoll_wait, epoll, &event, 1, 0), 1);
  EXPECT_EQ(event.events, static_cast<u32>(EPOLLOUT));
  EXPECT_EQ(send(fd, std::string(300'000, 'x')), static_cast<long>(abi::kTransmitBytes));
  EXPECT_EQ(send(fd, "x"), -EAGAIN);
  resume();
  EXPECT_EQ(call(__NR_epoll_wait, epoll, &event, 1, 0), 0);
  take();
  resume();
  EXPECT_EQ(call(__NR_epoll_wait, epoll, &event, 1, 0), 1);
  EXPECT_EQ(event.events, static_cast<u32>(EPOLLOUT));
}

TEST_F(HostConnectionTest, NewBytesWakeAnEdgeTriggeredEpoll) {
  i32 fd = accepted(kNonblock);
  i32 epoll = static_cast<i32>(call(__NR_epoll_create1, 0));
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP | EPOLLET;
  call(__NR_epoll_ctl, epoll, EPOLL_CTL_ADD, fd, &event);
  host.on_wait = [&] { put("one"); };
  EXPECT_EQ(call(__NR_epoll_wait, epoll, &event, 1, -1), 1);
  EXPECT_EQ(event.events, static_cast<u32>(EPOLLIN));
  host.on_wait = [&] { slot().host_closed = 1; };
  EXPECT_EQ(call(__NR_epoll_wait, epoll, &event, 1, -1), 1);
  EXPECT_EQ(event.events, static_cast<u32>(EPOLLIN | EPOLLRDHUP));
  EXPECT_EQ(receive(fd), "one");
  EXPECT_EQ(receive(fd), "");
  EXPECT_EQ(send(fd, "answer to a half-closed client"), 30);
}

TEST_F(HostConnectionTest, CloseHandShakeGuestFirst) {
  i32 fd = accepted();
  send(fd, "bye");
  EXPECT_EQ(call(__NR_shutdown, fd, kShutdownOutput), 0);
  EXPECT_EQ(slot().guest_closed, 1u);
  close(fd);
  EXPECT_EQ(slot().guest_closed, 2u);
  resume();
  EXPECT_EQ(slot().state, static_cast<u32>(abi::kConnectionOpen)) << "the host may still read";
  EXPECT_EQ(take(), "bye");
  slot().host_closed = 2;
  resume();
  EXPECT_EQ(slot().state, static_cast<u32>(abi::kConnectionFree));
  open();
  resume();
  EXPECT_GE(accept(server), 0) << "the slot works again";
}

TEST_F(HostConnectionTest, CloseHandShakeHostFirst) {
  i32 fd = accepted();
  put("rest");
  slot().host_closed = 2;
  resume();
  EXPECT_EQ(slot().state, static_cast<u32>(abi::kConnectionOpen));
  EXPECT_NE(poll_now(fd) & (EPOLLHUP | EPOLLERR), 0u);
  EXPECT_EQ(receive(fd), "rest");
  EXPECT_EQ(receive(fd), error(ECONNRESET));
  EXPECT_EQ(receive(fd), "");
  EXPECT_EQ(send(fd, "x"), -EPIPE);
  close(fd);
  EXPECT_EQ(slot().state, static_cast<u32>(abi::kConnectionFree));
}

TEST_F(HostConnectionTest, RefusedWithoutListenerOrRoom) {
  open();
  resume();
  EXPECT_EQ(slot().state, static_cast<u32>(abi::kConnectionRefused));
  slot().host_closed = 2;
  resume();
  EXPECT_EQ(slot().state, static_cast<u32>(abi::kConnectionFree));
  server = listener(kFamilyInet, v4(kPort), 0);
  open(0);
  open(1);
  resume();
  EXPECT_EQ(slot(0).state, static_cast<u32>(abi::kConnectionOpen));
  EXPECT_EQ(slot(1).state, static_cast<u32>(abi::kConnectionRefused));
  close(server);
  EXPECT_EQ(slot(0).guest_closed, 2u) << "what waited for accept is closed with the listener";
}

TEST_F(HostConnectionTest, ListenersArePublished) {
  server = listener(kFamilyInet6, v6_any(kPort), 3);
  listener(kFamilyInet, v4(0));
  kernel.before_wait();
  ASSERT_EQ(shared().wait.listeners, 2u);
  EXPECT_EQ(shared().listeners[0].port, kPort);
  EXPECT_EQ(shared().listeners[0].backlog, 4);
  EXPECT_EQ(shared().listeners[0].accepting, 0u);
  open();
  resume();
  bool seen = false;
  start([&](Thread& other) {
    call_as(other, __NR_accept, server, nullptr, nullptr);
    call_as(other, __NR_accept, server, nullptr, nullptr);
  });
  thread.yield();
  kernel.before_wait();
  seen = shared().listeners[0].accepting == 1;
  EXPECT_TRUE(seen);
}

TEST_F(HostConnectionTest, V6ListenerSeesMappedPeers) {
  server = listener(kFamilyInet6, v6_any(kPort));
  open();
  resume();
  i32 fd = accept(server);
  EXPECT_EQ(peer_name(fd), "[00000000000000000000ffffc0000007]:4321");
  EXPECT_EQ(local_name(fd), "[00000000000000000000ffff7f000001]:8000");
}

TEST_F(HostConnectionTest, TheHostMayRenameThePeer) {
  i32 fd = accepted();
  slot().peer_port = 99;
  EXPECT_EQ(peer_name(fd), "192.0.0.7:99");
}

TEST_F(HostConnectionTest, PeekAndWaitAll) {
  i32 fd = accepted();
  put("abc");
  EXPECT_EQ(receive(fd, 2, kMessagePeek), "ab");
  host.on_wait = [&] { put("def"); };
  EXPECT_EQ(receive(fd, 6, kMessageWaitAll), "abcdef");
  i32 pending = -1;
  put("xyz");
  EXPECT_EQ(call(__NR_ioctl, fd, 0x541b /* FIONREAD */, &pending), 0);
  EXPECT_EQ(pending, 3);
}

}  // namespace
}  // namespace mayfly::kernel
