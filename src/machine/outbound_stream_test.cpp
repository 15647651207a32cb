// Streams to the outside, over real sockets.
#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <random>

#include "base/error.h"
#include "machine/testing/outbound_fixture.h"

namespace mayfly::machine {
namespace {

using namespace std::chrono_literals;
using testing::loopback;
using testing::OutboundTest;
using testing::Peer;

class OutboundStreamTest : public OutboundTest {
 protected:
  Peer listener = Peer::listen(net::to_sockaddr(loopback()));
};

TEST_F(OutboundStreamTest, CarriesBytesBothWays) {
  Peer peer = connect(0, listener);
  EXPECT_EQ(slot(0).local_port, [&] {
    net::SocketAddress remote;
    remote.size = sizeof remote.storage;
    ::getpeername(peer.fd(), remote.get(), &remote.size);
    return from_socket_address(remote).port;
  }());
  EXPECT_EQ(slot(0).local_address[12], 127);
  write(0, "ping");
  EXPECT_FALSE(serve()) << "that bytes have left is no news";
  EXPECT_EQ(slot(0).transmit_tail, 4u);
  EXPECT_EQ(peer.receive(4), "ping");
  EXPECT_TRUE(table->busy());
  peer.send("pong");
  std::string got;
  until([&] { return !(got += read(0)).empty(); });
  EXPECT_EQ(got, "pong");
  EXPECT_GT(ready, 0);
  EXPECT_TRUE(table->busy()) << "more may follow at once";
  EXPECT_FALSE(table->busy(loop::Clock::now() + 1s));
  EXPECT_TRUE(table->pending()) << "the peer may say more";
  EXPECT_EQ(services.checked, std::vector{net::format(listener.address())});
}

TEST_F(OutboundStreamTest, SendsWhatWasWrittenBeforeItWasOpen) {
  open_tcp(3, listener.address());
  write(3, "early");
  close(3, 1);
  until([&] { return slot(3).transmit_tail == 5; });
  Peer peer = listener.accept();
  EXPECT_EQ(peer.receive(100), "early") << "and then the end";
  peer.send("late");
  peer.close();
  std::string got;
  until([&] { return slot(3).host_closed == 1; });
  EXPECT_EQ(read(3), "late");
  EXPECT_FALSE(table->pending()) << "nothing more can come";
}

TEST_F(OutboundStreamTest, CarriesMuchMoreThanARingHolds) {
  Peer peer = connect(0, listener);
  std::string bytes(1'500'001, '\0');
  std::mt19937 random(1);
  for (char& byte : bytes) byte = static_cast<char>(random());
  ::fcntl(peer.fd(), F_SETFL, O_NONBLOCK);
  // The peer echoes all, so that each side has to wait for the other. It is no handler of the loop, which must not
  // sleep.
  loop::Timer awake(loop->timers(), [&] { awake.arm(loop::Clock::now()); });
  awake.arm(loop::Clock::now());
  std::string_view to_write = bytes;
  std::string echo;
  std::string got;
  until([&] {
    to_write.remove_prefix(write(0, to_write));
    std::array<char, 10'000> buffer;
    const ssize_t received = ::recv(peer.fd(), buffer.data(), buffer.size(), 0);
    if (received > 0) echo.append(buffer.data(), static_cast<std::size_t>(received));
    const ssize_t sent = ::send(peer.fd(), echo.data(), echo.size(), MSG_NOSIGNAL);
    if (sent > 0) echo.erase(0, static_cast<std::size_t>(sent));
    got += read(0, 7'001);
    return got.size() == bytes.size();
  });
  EXPECT_TRUE(got == bytes);
}

TEST_F(OutboundStreamTest, TellsWhenACrowdedRingHasRoomAgain) {
  connect(0, listener);
  write(0, std::string(abi::kOutboundTransmitBytes / 4 * 3 + 1, 'x'));
  EXPECT_TRUE(serve());
}

TEST_F(OutboundStreamTest, SeesTheEndBehindBytesThatHadNoRoom) {
  Peer peer = connect(0, listener);
  const std::string bytes(abi::kOutboundReceiveBytes + 1000, 'y');
  peer.send(bytes);
  peer.close();
  until([&] { return slot(0).receive_head == abi::kOutboundReceiveBytes; });
  EXPECT_EQ(slot(0).host_closed, 0u);
  std::string got = read(0);
  until([&] { return slot(0).host_closed == 1; });
  got += read(0);
  EXPECT_EQ(got, bytes);
}

TEST_F(OutboundStreamTest, FailsWhereNobodyListens) {
  const net::Address address = listener.address();
  listener.close();
  open_tcp(0, address);
  until([&] { return slot(0).state != abi::kOutboundOpening; });
  EXPECT_EQ(slot(0).state, abi::kOutboundFailed);
  EXPECT_EQ(slot(0).error, static_cast<u32>(ECONNREFUSED));
  EXPECT_FALSE(table->pending());
  EXPECT_FALSE(serve()) << "told once";
  close(0, 2);
  serve();
  EXPECT_EQ(slot(0).state, abi::kOutboundFree);
}

TEST_F(OutboundStreamTest, ReachesAnInnerPeerWithoutTheRules) {
  int ends[2];
  check(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), "socketpair()");
  const net::Address remote{.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7}, .port = 80};
  inner_peers.address = remote;
  inner_peers.answer.socket.reset(ends[0]);
  Peer peer{UniqueFd(ends[1])};
  table->begin_request(17, 3);
  open_tcp(0, remote);
  EXPECT_TRUE(serve());
  EXPECT_EQ(slot(0).state, abi::kOutboundOpen);
  EXPECT_TRUE(std::equal(std::begin(slot(0).local_address), std::end(slot(0).local_address), abi::kMachineAddress));
  EXPECT_NE(slot(0).local_port, 0);
  write(0, "ping");
  serve();
  EXPECT_EQ(peer.receive(4), "ping");
  peer.send("pong");
  peer.close();
  until([&] { return slot(0).host_closed == 1; });
  EXPECT_EQ(read(0), "pong");
  EXPECT_EQ(inner_peers.depths, std::vector<unsigned>{3});
  EXPECT_TRUE(services.checked.empty());
}

TEST_F(OutboundStreamTest, TellsWhyAnInnerPeerCannotBeReached) {
  inner_peers.address = listener.address();
  inner_peers.answer.error = EMFILE;
  open_tcp(0, listener.address());
  EXPECT_TRUE(serve());
  EXPECT_EQ(slot(0).state, abi::kOutboundFailed);
  EXPECT_EQ(slot(0).error, static_cast<u32>(EMFILE));
  open_tcp(1, loopback(1));
  serve();
  EXPECT_EQ(services.checked.size(), 1u) << "others are asked about";
}

TEST_F(OutboundStreamTest, RefusesWhatThePolicyDoes) {
  const net::Address remote{.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7}, .port = 443};
  services.refused = "192.0.2.7:443";
  table->begin_request(17, 0);
  open_tcp(0, remote);
  EXPECT_TRUE(serve());
  EXPECT_EQ(slot(0).error, static_cast<u32>(EACCES));
  EXPECT_EQ(reports.lines, std::vector<std::string>{"17: 192.0.2.7:443 is refused"});
  services.refused = net::format(listener.address());
  open_tcp(1, listener.address());
  EXPECT_TRUE(serve());
  EXPECT_EQ(slot(1).error, static_cast<u32>(EACCES));
  const std::string path = ::testing::TempDir() + "refused_" + std::to_string(::getpid()) + ".sock";
  const Peer unix_listener = Peer::listen(to_unix_address(path));
  services.refused = path;
  open_unix(2, path);
  EXPECT_TRUE(serve());
  EXPECT_EQ(slot(2).error, static_cast<u32>(EACCES));
  EXPECT_EQ(reports.lines.size(), 3u);
  ::unlink(path.c_str());
  open_unix(3, path);
  EXPECT_TRUE(serve());
  EXPECT_EQ(slot(3).error, static_cast<u32>(ENOENT)) << "there is nothing to refuse";
  EXPECT_EQ(reports.lines.size(), 3u);
}

TEST_F(OutboundStreamTest, RefusesEverythingWithoutServices) {
  start(nullptr);
  open_tcp(0, listener.address());
  open_tcp(1, {.bytes = {0x20, 1, 0xd, 0xb8}, .port = 80});
  open_tcp(2, {.bytes = {}, .port = 80});
  serve();
  for (u32 index = 0; index < 3; ++index) EXPECT_EQ(slot(index).error, static_cast<u32>(EACCES)) << index;
  ASSERT_EQ(reports.lines.size(), 3u);
  EXPECT_NE(reports.lines[1].find("--allow-net [2001:db8::]:80"), std::string::npos);
}

TEST_F(OutboundStreamTest, GivesUpOnAConnectionThatIsNotAnswered) {
  services.limits_.connect_timeout = 20ms;
  Peer full = Peer::listen(net::to_sockaddr(loopback()), 0);
  std::vector<UniqueFd> fillers;
  const net::SocketAddress address = net::to_sockaddr(full.address());
  for (int i = 0; i < 4; ++i) {
    fillers.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    ::connect(fillers.back().get(), address.get(), address.size);
  }
  open_tcp(0, full.address());
  until([&] { return slot(0).state != abi::kOutboundOpening; });
  EXPECT_EQ(slot(0).state, abi::kOutboundFailed);
  EXPECT_EQ(slot(0).error, static_cast<u32>(ETIMEDOUT));
}

TEST_F(OutboundStreamTest, BreaksAnIdleConnection) {
  services.limits_.idle_timeout = 20ms;
  Peer peer = connect(0, listener);
  until([&] { return slot(0).host_closed != 0; });
  EXPECT_EQ(slot(0).host_closed, 2u);
  EXPECT_EQ(slot(0).error, static_cast<u32>(ETIMEDOUT));
  EXPECT_EQ(peer.end(), ECONNRESET);
  close(0, 2);
  serve();
  EXPECT_EQ(slot(0).state, abi::kOutboundFree);
}

TEST_F(OutboundStreamTest, LimitsBytesAndConnectionsAtOnceOfARequest) {
  services.limits_.bytes = 10;
  services.limits_.connections = 1;
  Peer peer = connect(0, listener);
  write(0, "eleven byte");
  EXPECT_TRUE(serve());
  EXPECT_EQ(slot(0).host_closed, 2u);
  EXPECT_EQ(slot(0).error, static_cast<u32>(ECONNABORTED));
  Peer other = connect(1, listener);
  open_tcp(2, listener.address());
  EXPECT_TRUE(serve());
  EXPECT_EQ(slot(2).error, static_cast<u32>(ENOBUFS));
  ASSERT_EQ(reports.lines.size(), 2u);
  EXPECT_NE(reports.lines[0].find("--net-bytes"), std::string::npos);
  EXPECT_NE(reports.lines[1].find("--net-connections"), std::string::npos);
  close(1, 2);
  serve();
  connect(3, listener);
}

TEST_F(OutboundStreamTest, HearsOfAReset) {
  Peer peer = connect(0, listener);
  peer.send("last words");
  until([&] { return slot(0).receive_head == 10; });
  peer.reset();
  until([&] { return slot(0).host_closed != 0; });
  EXPECT_EQ(slot(0).host_closed, 2u);
  EXPECT_EQ(slot(0).error, static_cast<u32>(ECONNRESET));
  EXPECT_EQ(read(0), "last words");
}

TEST_F(OutboundStreamTest, ResetsForAGuestThatThrowsItAway) {
  Peer peer = connect(0, listener);
  close(0, 3);
  serve();
  EXPECT_EQ(slot(0).state, abi::kOutboundFree);
  EXPECT_EQ(peer.end(), ECONNRESET);
}

TEST_F(OutboundStreamTest, SendsTheRestAfterTheGuestHasClosed) {
  Peer peer = connect(0, listener);
  std::size_t written = 0;
  // Until nothing goes out any more.
  for (u32 before = ~0u; slot(0).transmit_head - slot(0).transmit_tail < abi::kOutboundTransmitBytes ||
                         before != slot(0).transmit_tail;) {
    before = slot(0).transmit_tail;
    written += write(0, std::string(abi::kOutboundTransmitBytes, 'z'));
    serve();
  }
  close(0, 2);
  serve();
  EXPECT_EQ(slot(0).state, abi::kOutboundFree) << "at once";
  services.limits_.connections = 1;
  open_tcp(1, listener.address());
  EXPECT_TRUE(serve());
  EXPECT_EQ(slot(1).error, static_cast<u32>(ENOBUFS)) << "it still counts";
  std::size_t got = 0;
  ::fcntl(peer.fd(), F_SETFL, O_NONBLOCK);
  bool ended = false;
  loop::Timer awake(loop->timers(), [&] { awake.arm(loop::Clock::now()); });
  awake.arm(loop::Clock::now());
  until([&] {
    std::array<char, 65'536> buffer;
    const ssize_t received = ::recv(peer.fd(), buffer.data(), buffer.size(), 0);
    ended = received == 0;
    got += received > 0 ? static_cast<std::size_t>(received) : 0;
    return ended;
  });
  EXPECT_EQ(got, written);
}

TEST_F(OutboundStreamTest, ConnectsForAGuestThatHasClosedAlready) {
  open_tcp(0, listener.address());
  write(0, "fire and forget");
  close(0, 2);
  serve();
  EXPECT_EQ(slot(0).state, abi::kOutboundFree);
  Peer peer = listener.accept();
  ::fcntl(peer.fd(), F_SETFL, O_NONBLOCK);
  std::array<char, 100> buffer;
  ssize_t received = -1;
  loop::Timer awake(loop->timers(), [&] { awake.arm(loop::Clock::now()); });
  awake.arm(loop::Clock::now());
  until([&] { return (received = ::recv(peer.fd(), buffer.data(), buffer.size(), 0)) > 0; });
  EXPECT_EQ(std::string(buffer.data(), static_cast<std::size_t>(received)), "fire and forget");
}

TEST_F(OutboundStreamTest, ReachesUnixSockets) {
  const std::string path = ::testing::TempDir() + "outbound_" + std::to_string(::getpid()) + ".sock";
  Peer unix_listener = Peer::listen(to_unix_address(path));
  open_unix(0, path);
  EXPECT_TRUE(serve()) << "connected at once";
  EXPECT_EQ(slot(0).state, abi::kOutboundOpen);
  Peer peer = unix_listener.accept();
  write(0, "hello");
  serve();
  EXPECT_EQ(peer.receive(5), "hello");
  peer.send("there");
  std::string got;
  until([&] { return (got += read(0)).size() == 5; });
  peer.close();
  until([&] { return slot(0).host_closed == 1; });
  ::unlink(path.c_str());
  open_unix(1, path);
  EXPECT_TRUE(serve());
  EXPECT_EQ(slot(1).error, static_cast<u32>(ENOENT));
}

TEST_F(OutboundStreamTest, RetriesAUnixSocketWhoseBacklogIsFull) {
  const std::string path = ::testing::TempDir() + "outbound_full_" + std::to_string(::getpid()) + ".sock";
  Peer unix_listener = Peer::listen(to_unix_address(path), 0);
  open_unix(0, path);
  serve();
  open_unix(1, path);
  EXPECT_FALSE(serve());
  EXPECT_EQ(slot(1).state, abi::kOutboundOpening);
  EXPECT_TRUE(table->pending());
  Peer first = unix_listener.accept();
  until([&] { return slot(1).state == abi::kOutboundOpen; });
  ::unlink(path.c_str());
}

TEST_F(OutboundStreamTest, LeavesNothingBehindAfterAReset) {
  const std::size_t before = testing::open_descriptors();
  {
    std::vector<Peer> peers;
    for (u32 index = 0; index < 8; ++index) peers.push_back(connect(index, listener));
    open_tcp(8, listener.address());
    write(8, "never sent");
    close(8, 2);
    open_tcp(9, listener.address());
    serve();
    table->reset();
    for (const Peer& peer : peers) EXPECT_EQ(peer.end(), 0);
  }
  EXPECT_EQ(testing::open_descriptors(), before);
  EXPECT_FALSE(table->pending());
  const int ready_before = ready;
  loop::Timer soon(loop->timers(), [] {});
  soon.arm(loop::Clock::now() + 1ms);
  loop->turn();
  EXPECT_EQ(ready, ready_before);
}

TEST_F(OutboundStreamTest, IsFrozenBroken) {
  Peer peer = connect(0, listener);
  connect(1, listener);
  close(1, 2);
  open_tcp(2, listener.address());
  EXPECT_FALSE(serve());
  const std::string name = net::format(listener.address());
  EXPECT_EQ(table->break_off(), (std::vector{name, name}));
  EXPECT_EQ(slot(0).host_closed, 2u);
  EXPECT_EQ(slot(0).error, static_cast<u32>(ECONNRESET));
  EXPECT_EQ(slot(1).state, abi::kOutboundFree);
  EXPECT_EQ(slot(2).state, abi::kOutboundFailed);
  EXPECT_EQ(slot(2).error, static_cast<u32>(ECONNRESET));
  // A copy thaws.
  start(&services);
  EXPECT_FALSE(serve());
  EXPECT_FALSE(table->pending());
  close(0, 2);
  close(2, 3);
  serve();
  EXPECT_EQ(slot(0).state, abi::kOutboundFree);
  EXPECT_EQ(slot(2).state, abi::kOutboundFree);
  connect(0, listener);
}

}  // namespace
}  // namespace mayfly::machine
