// Datagrams to the outside, over real sockets, and queries to a resolver.
#include <cerrno>
#include <thread>

#include "machine/testing/outbound_fixture.h"

namespace mayfly::machine {
namespace {

using testing::loopback;
using testing::OutboundTest;
using testing::Peer;

net::Address resolver() {
  net::Address address{.bytes = {}, .port = abi::kResolverPort};
  std::copy(std::begin(abi::kResolverAddress), std::end(abi::kResolverAddress), address.bytes.begin());
  return address;
}

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

class OutboundDatagramsTest : public OutboundTest {
 protected:
  void SetUp() override {
    OutboundTest::SetUp();
    open_udp(0);
    EXPECT_FALSE(serve()) << "nothing that a guest would wait for";
    EXPECT_EQ(slot(0).state, abi::kOutboundOpen);
  }
  void answer(const Peer& peer, std::string_view bytes) {
    net::Address to = loopback(slot(0).local_port);
    const net::SocketAddress address = net::to_sockaddr(to);
    ASSERT_EQ(::sendto(peer.fd(), bytes.data(), bytes.size(), 0, address.get(), address.size),
              static_cast<ssize_t>(bytes.size()));
  }
  Datagram next() {
    std::optional<Datagram> datagram;
    until([&] { return (datagram = read_datagram(0)).has_value(); });
    return datagram.value_or(Datagram{});
  }
};

TEST_F(OutboundDatagramsTest, GoBothWays) {
  Peer peer = Peer::udp(net::to_sockaddr(loopback()));
  write_datagram(0, peer.address(), "question");
  write_datagram(0, peer.address(), "");
  EXPECT_FALSE(serve());
  EXPECT_EQ(peer.receive(8), "question");
  EXPECT_EQ(peer.receive(8), "");
  EXPECT_TRUE(table->pending());
  answer(peer, "answer 1");
  answer(peer, "");
  const Datagram first = next();
  EXPECT_EQ(first.payload, "answer 1");
  EXPECT_EQ(first.from, peer.address());
  const Datagram second = next();
  EXPECT_EQ(second.payload, "");
  EXPECT_EQ(second.error, 0);
}

TEST_F(OutboundDatagramsTest, ComeFromNobodyElse) {
  Peer peer = Peer::udp(net::to_sockaddr(loopback()));
  Peer stranger = Peer::udp(net::to_sockaddr(loopback()));
  write_datagram(0, peer.address(), "question");
  serve();
  answer(stranger, "forged");
  answer(peer, "true");
  EXPECT_EQ(next().payload, "true");
  EXPECT_FALSE(read_datagram(0));
}

TEST_F(OutboundDatagramsTest, WaitForRoomInTheRing) {
  Peer peer = Peer::udp(net::to_sockaddr(loopback()));
  const std::string large(30'001, 'd');
  for (int round = 0; round < 5; ++round) {
    write_datagram(0, peer.address(), large);
    serve();
    EXPECT_EQ(peer.receive(large.size()), large);
    answer(peer, large);
  }
  for (int round = 0; round < 5; ++round) EXPECT_EQ(next().payload, large) << round;
}

TEST_F(OutboundDatagramsTest, OfTheLargestSizePass) {
  Peer peer = Peer::udp(net::to_sockaddr(loopback()));
  const std::string largest(65'507, 'm');
  write_datagram(0, peer.address(), largest);
  EXPECT_TRUE(serve()) << "the guest may have waited for room";
  EXPECT_EQ(peer.receive(largest.size()), largest);
  answer(peer, largest);
  EXPECT_EQ(next().payload, largest);
}

TEST_F(OutboundDatagramsTest, BringErrorsBack) {
  Peer closed = Peer::udp(net::to_sockaddr(loopback()));
  const net::Address nobody = closed.address();
  closed.close();
  write_datagram(0, nobody, "anybody there?");
  serve();
  const Datagram error = next();
  EXPECT_EQ(error.error, ECONNREFUSED);
  EXPECT_EQ(error.from, nobody);
  Peer peer = Peer::udp(net::to_sockaddr(loopback()));
  write_datagram(0, nobody, "still nobody?");
  write_datagram(0, peer.address(), "and you?");
  serve();
  EXPECT_EQ(peer.receive(8), "and you?") << "the error of another destination does not stop it";
}

TEST_F(OutboundDatagramsTest, AreCheckedOneByOne) {
  Peer peer = Peer::udp(net::to_sockaddr(loopback()));
  services.refused = "192.0.2.7:53";
  const net::Address refused{.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7}, .port = 53};
  write_datagram(0, refused, "no");
  write_datagram(0, peer.address(), "yes");
  EXPECT_TRUE(serve());
  EXPECT_EQ(peer.receive(3), "yes");
  const Datagram error = next();
  EXPECT_EQ(error.error, EACCES);
  EXPECT_EQ(error.from, refused);
  EXPECT_EQ(reports.lines.size(), 1u);
}

TEST_F(OutboundDatagramsTest, GoOutThoughTheGuestHasClosed) {
  Peer peer = Peer::udp(net::to_sockaddr(loopback()));
  write_datagram(0, peer.address(), "log line");
  close(0, 2);
  serve();
  EXPECT_EQ(slot(0).state, abi::kOutboundFree);
  EXPECT_EQ(peer.receive(8), "log line");
}

TEST_F(OutboundDatagramsTest, AskTheResolver) {
  services.on_ask = [](const std::string& query, const OutboundServices::Answer& done) {
    done(bytes_of("answer to " + query));
    return nullptr;
  };
  write_datagram(0, resolver(), "a.example");
  EXPECT_TRUE(serve()) << "answered at once";
  const Datagram answer = next();
  EXPECT_EQ(answer.payload, "answer to a.example");
  EXPECT_EQ(answer.from, resolver());
  EXPECT_TRUE(services.checked.empty());
}

TEST_F(OutboundDatagramsTest, HearFromAResolverOnAnotherThread) {
  std::thread thread;
  services.on_ask = [&](const std::string& query, OutboundServices::Answer done) {
    thread = std::thread([query, done = std::move(done)] { done(bytes_of("later " + query)); });
    return nullptr;
  };
  write_datagram(0, resolver(), "b.example");
  EXPECT_FALSE(serve());
  EXPECT_EQ(next().payload, "later b.example");
  EXPECT_EQ(ready, 1);
  EXPECT_FALSE(table->busy());
  thread.join();
}

TEST_F(OutboundDatagramsTest, LoseInterestInAnswersAtAReset) {
  OutboundServices::Answer kept;
  std::weak_ptr<int> interest;
  services.on_ask = [&](const std::string&, OutboundServices::Answer done) {
    kept = std::move(done);
    auto held = std::make_shared<int>(1);
    interest = held;
    return held;
  };
  write_datagram(0, resolver(), "c.example");
  serve();
  EXPECT_TRUE(table->busy());
  EXPECT_FALSE(interest.expired());
  std::thread([&] { kept(bytes_of("on its way")); }).join();
  table->reset();
  EXPECT_TRUE(interest.expired());
  kept(bytes_of("too late"));
  loop->turn();
  EXPECT_EQ(ready, 0);
  EXPECT_EQ(slot(0).receive_head, 0u);
  mailbox.reset();
  std::thread([&] { kept(bytes_of("nobody is there any more")); }).join();
}

TEST_F(OutboundDatagramsTest, LeaveNoDescriptorBehind) {
  const std::size_t before = testing::open_descriptors();
  {
    Peer peer = Peer::udp(net::to_sockaddr(loopback()));
    write_datagram(0, peer.address(), "x");
    write_datagram(0, {.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, .port = 9}, "y");
    serve();
    EXPECT_GT(testing::open_descriptors(), before + 1);
    table->reset();
  }
  EXPECT_EQ(testing::open_descriptors(), before);
}

TEST_F(OutboundDatagramsTest, AreDroppedAtAFreeze) {
  Peer peer = Peer::udp(net::to_sockaddr(loopback()));
  write_datagram(0, peer.address(), "x");
  serve();
  EXPECT_EQ(table->break_off(), std::vector{net::format(peer.address()) + " (UDP)"});
  EXPECT_EQ(slot(0).host_closed, 2u);
  EXPECT_EQ(slot(0).error, static_cast<u32>(ECONNRESET));
}

}  // namespace
}  // namespace mayfly::machine
