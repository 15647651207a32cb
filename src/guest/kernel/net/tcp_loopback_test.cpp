// TCP between sockets of the same machine: addresses, ports, connections.
#include "guest/kernel/net/socket_fixture.h"

namespace mayfly::kernel {
namespace {

class TcpLoopbackTest : public SocketTest {
 protected:
  /// Client and accepted end of a new connection.
  std::array<i32, 2> connection() {
    i32 server = listener(kFamilyInet, v4(8000));
    i32 client = socket(kFamilyInet, kStream);
    EXPECT_EQ(connect(client, v4(8000)), 0);
    i32 accepted = accept(server);
    close(server);
    return {client, accepted};
  }
};

TEST_F(TcpLoopbackTest, ConnectsAndNamesBothEnds) {
  i32 server = listener(kFamilyInet, v4_any(8080));
  i32 client = socket(kFamilyInet, kStream);
  ASSERT_EQ(connect(client, v4(8080)), 0);
  Address peer;
  u32 size = Address::kMaxBytes;
  i32 accepted = static_cast<i32>(call(__NR_accept4, server, peer.bytes, &size, kNonblock));
  peer.size = size;
  ASSERT_GE(accepted, 0);
  EXPECT_EQ(call(__NR_fcntl, accepted, F_GETFL), O_RDWR | O_NONBLOCK);
  EXPECT_EQ(text(peer), local_name(client));
  EXPECT_EQ(local_name(accepted), "127.0.0.1:8080");
  EXPECT_EQ(peer_name(client), "127.0.0.1:8080");
  EXPECT_EQ(local_name(server), "0.0.0.0:8080");
  EXPECT_EQ(peer_name(server), error(ENOTCONN));
  EXPECT_EQ(send(client, "hello"), 5);
  EXPECT_EQ(receive(accepted), "hello");
  EXPECT_EQ(receive(accepted), error(EAGAIN));
}

TEST_F(TcpLoopbackTest, AcceptBlocksUntilAConnection) {
  i32 server = listener(kFamilyInet, v4(8000));
  start([&](Thread& other) { connect_as(other, socket(kFamilyInet, kStream), v4(8000)); });
  EXPECT_GE(accept(server), 0);
}

TEST_F(TcpLoopbackTest, DualStackListenerTakesV4) {
  i32 server = listener(kFamilyInet6, v6_any(8000));
  i32 client = socket(kFamilyInet, kStream);
  ASSERT_EQ(connect(client, v4(8000)), 0);
  EXPECT_EQ(local_name(accept(server)), "[00000000000000000000ffff7f000001]:8000");
  i32 other = socket(kFamilyInet6, kStream);
  ASSERT_EQ(connect(other, v6(8000)), 0);
  EXPECT_EQ(local_name(accept(server)), "[00000000000000000000000000000001]:8000");
  EXPECT_EQ(bind(socket(kFamilyInet, kStream), v4_any(8000)), -EADDRINUSE);
}

TEST_F(TcpLoopbackTest, V6OnlyLeavesTheV4Port) {
  i32 server = socket(kFamilyInet6, kStream);
  EXPECT_EQ(set_option(server, kLevelIpv6, 26 /* IPV6_V6ONLY */, 1), 0);
  EXPECT_EQ(bind(server, v6_any(8000)), 0);
  EXPECT_EQ(listen(server), 0);
  host.on_wait = [this] { refuse_outbound(); };
  EXPECT_EQ(connect(socket(kFamilyInet, kStream), v4(8000)), -ECONNREFUSED);
  EXPECT_EQ(bind(socket(kFamilyInet, kStream), v4_any(8000)), 0);
}

TEST_F(TcpLoopbackTest, PortsAreExclusive) {
  i32 server = listener(kFamilyInet, v4(8000));
  i32 second = socket(kFamilyInet, kStream);
  EXPECT_EQ(bind(second, v4_any(8000)), -EADDRINUSE);
  EXPECT_EQ(set_option(second, kLevelSocket, kReuseAddress, 1), 0);
  EXPECT_EQ(bind(second, v4_any(8000)), -EADDRINUSE) << "not with a listener";
  EXPECT_EQ(bind(second, v4(8000, 2)), 0) << "another address of the machine";
  close(server);
  EXPECT_EQ(bind(socket(kFamilyInet, kStream), v4(8000)), 0);
}

TEST_F(TcpLoopbackTest, ReusePortShares) {
  for (int i = 0; i < 2; ++i) {
    i32 fd = socket(kFamilyInet, kStream);
    EXPECT_EQ(set_option(fd, kLevelSocket, kReusePort, 1), 0);
    EXPECT_EQ(bind(fd, v4(8000)), 0);
    EXPECT_EQ(listen(fd), 0);
  }
}

TEST_F(TcpLoopbackTest, PortZeroTakesAFreeOne) {
  i32 first = listener(kFamilyInet, v4(0));
  i32 second = socket(kFamilyInet, kStream);
  EXPECT_EQ(listen(second), 0);
  EXPECT_EQ(local_name(first), "127.0.0.1:32768");
  EXPECT_EQ(local_name(second), "0.0.0.0:32769");
}

TEST_F(TcpLoopbackTest, RefusesWhatIsNotThere) {
  host.on_wait = [this] { refuse_outbound(); };
  EXPECT_EQ(connect(socket(kFamilyInet, kStream), v4(9)), -ECONNREFUSED);
  Address outside = v4(443);
  outside.bytes[4] = 93;
  host.on_wait = [this] { refuse_outbound(EHOSTUNREACH); };
  EXPECT_EQ(connect(socket(kFamilyInet, kStream), outside), -EHOSTUNREACH);
  EXPECT_TRUE(host.reports.empty()) << "it is for the host to say";
  EXPECT_EQ(bind(socket(kFamilyInet, kStream), outside), -EADDRNOTAVAIL);
  EXPECT_EQ(connect(socket(kFamilyInet, kStream), v6(1)), -EAFNOSUPPORT);
  EXPECT_EQ(call(__NR_socket, 17 /* AF_PACKET */, kRaw, 0), -EAFNOSUPPORT);
  EXPECT_EQ(call(__NR_accept, socket(kFamilyInet, kStream), nullptr, nullptr), -EINVAL);
}

TEST_F(TcpLoopbackTest, BacklogHasALimit) {
  i32 server = listener(kFamilyInet, v4(8000), 2);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(connect(socket(kFamilyInet, kStream), v4(8000)), 0);
  i32 late = socket(kFamilyInet, kStream | kNonblock);
  EXPECT_EQ(connect(late, v4(8000)), -EINPROGRESS);
  EXPECT_EQ(connect(late, v4(8000)), -EALREADY);
  EXPECT_EQ(poll_now(late), 0u);
  EXPECT_GE(accept(server), 0);
  EXPECT_EQ(poll_now(late) & EPOLLOUT, static_cast<u32>(EPOLLOUT));
  EXPECT_EQ(connect(late, v4(8000)), 0);
  EXPECT_EQ(connect(late, v4(8000)), -EISCONN);
  i32 later = socket(kFamilyInet, kStream | kNonblock);
  EXPECT_EQ(connect(later, v4(8000)), -EINPROGRESS);
  close(server);
  EXPECT_EQ(option(later, kLevelSocket, kError), ECONNREFUSED) << "the listener has gone";
}

TEST_F(TcpLoopbackTest, ConnectingWithoutBlockingTellsLater) {
  i32 client = socket(kFamilyInet, kStream | kNonblock);
  EXPECT_EQ(connect(client, v4(9)), -EINPROGRESS);
  refuse_outbound();
  kernel.host_returned();
  EXPECT_EQ(poll_now(client) & (EPOLLERR | EPOLLHUP), static_cast<u32>(EPOLLERR | EPOLLHUP));
  EXPECT_EQ(connect(client, v4(9)), -ECONNREFUSED);
  i32 server = listener(kFamilyInet, v4(8000));
  EXPECT_EQ(connect(client, v4(8000)), -EINPROGRESS);
  EXPECT_GE(accept(server), 0);
  EXPECT_EQ(option(client, kLevelSocket, kError), 0);
  EXPECT_EQ(send(client, "x"), 1);
}

TEST_F(TcpLoopbackTest, AListenerAtEveryAddressIsNotTheWorld) {
  listener(kFamilyInet, v4_any(443));
  Address outside = v4(443);
  outside.bytes[4] = 93;
  host.on_wait = [this] { refuse_outbound(EHOSTUNREACH); };
  EXPECT_EQ(connect(socket(kFamilyInet, kStream), outside), -EHOSTUNREACH);
}

TEST_F(TcpLoopbackTest, ClosingAListenerResetsWhatWaits) {
  i32 server = listener(kFamilyInet, v4(8000));
  i32 client = socket(kFamilyInet, kStream);
  connect(client, v4(8000));
  send(client, "never read");
  close(server);
  EXPECT_EQ(receive(client), error(ECONNRESET));
}

TEST_F(TcpLoopbackTest, ClosedPeerEndsInputThenRefusesOutput) {
  auto [client, accepted] = connection();
  close(accepted);
  EXPECT_EQ(poll_now(client) & (EPOLLRDHUP | EPOLLHUP), static_cast<u32>(EPOLLRDHUP));
  EXPECT_EQ(receive(client), "");
  EXPECT_EQ(send(client, "x"), 1) << "only the answer to this is a reset";
  EXPECT_EQ(send(client, "x"), -EPIPE);
}

TEST_F(TcpLoopbackTest, AClosedPeerSeemsToTakeNoMoreThanBuffersHold) {
  auto [client, accepted] = connection();
  close(accepted);
  std::string much(4 * 1024 * 1024, 'x');
  long taken = send(client, much);
  EXPECT_GT(taken, 0);
  EXPECT_LT(taken, static_cast<long>(much.size()));
  EXPECT_EQ(send(client, much), -EPIPE);
}

TEST_F(TcpLoopbackTest, ReceiveTimeout) {
  let_time_pass();
  auto [client, accepted] = connection();
  i64 timeout[2] = {0, 250'000};
  EXPECT_EQ(call(__NR_setsockopt, client, kLevelSocket, 20 /* SO_RCVTIMEO */, timeout, sizeof timeout), 0);
  u64 before = host.now_ns;
  EXPECT_EQ(receive(client), error(EAGAIN));
  EXPECT_EQ(host.now_ns - before, 250'000'000u);
}

TEST_F(TcpLoopbackTest, OptionsAreKeptAndInherited) {
  i32 server = socket(kFamilyInet, kStream);
  EXPECT_EQ(set_option(server, kLevelTcp, 1 /* TCP_NODELAY */, 1), 0);
  EXPECT_EQ(set_option(server, kLevelTcp, 4 /* TCP_KEEPIDLE */, 33), 0);
  EXPECT_EQ(bind(server, v4(8000)), 0);
  EXPECT_EQ(listen(server), 0);
  connect(socket(kFamilyInet, kStream), v4(8000));
  i32 accepted = accept(server);
  EXPECT_EQ(option(accepted, kLevelTcp, 1), 1);
  EXPECT_EQ(option(accepted, kLevelTcp, 4), 33);
  EXPECT_EQ(option(accepted, kLevelTcp, 5 /* TCP_KEEPINTVL */), 75);
  EXPECT_EQ(option(server, kLevelSocket, 30 /* SO_ACCEPTCONN */), 1);
  EXPECT_EQ(option(server, kLevelSocket, 39 /* SO_DOMAIN */), kFamilyInet);
  EXPECT_EQ(option(server, kLevelSocket, 3 /* SO_TYPE */), kStream);
  EXPECT_EQ(set_option(server, kLevelSocket, 8 /* SO_RCVBUF */, 10'000), 0);
  EXPECT_EQ(option(server, kLevelSocket, 8), 20'000);
  EXPECT_EQ(set_option(server, kLevelSocket, 777, 1), -ENOPROTOOPT);
  EXPECT_EQ(host.reports.size(), 1u);
}

TEST_F(TcpLoopbackTest, DatagramsStayInTheMachine) {
  i32 server = socket(kFamilyInet, kDatagram);
  i32 client = socket(kFamilyInet, kDatagram);
  EXPECT_EQ(bind(server, v4_any(5353)), 0);
  EXPECT_EQ(connect(client, v4(5353)), 0);
  EXPECT_EQ(send(client, "query"), 5);
  char bytes[16];
  Address from;
  from.size = Address::kMaxBytes;
  EXPECT_EQ(call(__NR_recvfrom, server, bytes, sizeof bytes, 0, from.bytes, &from.size), 5);
  EXPECT_EQ(text(from), local_name(client));
  EXPECT_EQ(send_to(server, "answer", from), 6);
  EXPECT_EQ(receive(client), "answer");
  i32 stranger = socket(kFamilyInet, kDatagram);
  from = v4(static_cast<u16>(std::stoi(local_name(client).substr(10))));
  EXPECT_EQ(send_to(stranger, "spoof", from), 5);
  EXPECT_EQ(receive(client, 16, kMessageDontWait), error(EAGAIN)) << "a connected socket hears its peer only";
}

}  // namespace
}  // namespace mayfly::kernel
