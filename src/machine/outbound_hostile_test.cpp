// Guests that break the protocol of the outbound slots.
#include <cerrno>
#include <random>

#include "machine/testing/outbound_fixture.h"

namespace mayfly::machine {
namespace {

using testing::loopback;
using testing::OutboundTest;
using testing::Peer;

struct Breach {
  const char* name;
  std::function<void(abi::Outbound&)> commit;
};

void PrintTo(const Breach& breach, std::ostream* out) {
  *out << breach.name;
}

std::string name_of(const ::testing::TestParamInfo<Breach>& info) {
  return info.param.name;
}

class BreachWhileOpening : public OutboundTest, public ::testing::WithParamInterface<Breach> {};

TEST_P(BreachWhileOpening, Fails) {
  open_tcp(5, loopback(9));
  GetParam().commit(slot(5));
  EXPECT_TRUE(serve());
  EXPECT_EQ(slot(5).state, abi::kOutboundFailed);
  EXPECT_EQ(slot(5).error, static_cast<u32>(EINVAL));
  EXPECT_FALSE(table->pending());
  EXPECT_TRUE(services.checked.empty());
  close(5, 2);
  serve();
  EXPECT_EQ(slot(5).state, abi::kOutboundFree);
}

INSTANTIATE_TEST_SUITE_P(
    Each, BreachWhileOpening,
    ::testing::Values(Breach{"NoKind", [](abi::Outbound& slot) { slot.kind = 0; }},
                      Breach{"UnknownKind", [](abi::Outbound& slot) { slot.kind = 77; }},
                      Breach{"MoreThanTheRingHolds", [](abi::Outbound& slot) { slot.transmit_head = 65'537; }},
                      Breach{"LessThanNothing", [](abi::Outbound& slot) { slot.transmit_head = ~0u; }},
                      Breach{"ReadBeforeAnythingCame", [](abi::Outbound& slot) { slot.receive_tail = 1; }},
                      Breach{"EmptyPath", [](abi::Outbound& slot) { slot.kind = abi::kOutboundUnix; }},
                      Breach{"EndlessPath",
                             [](abi::Outbound& slot) {
                               slot.kind = abi::kOutboundUnix;
                               std::memset(slot.path, 'p', sizeof slot.path);
                             }}),
    name_of);

class BreachWhileOpen : public OutboundTest, public ::testing::WithParamInterface<Breach> {};

TEST_P(BreachWhileOpen, BreaksTheConnection) {
  Peer listener = Peer::listen(net::to_sockaddr(loopback()));
  Peer peer = connect(0, listener);
  peer.send("ten bytes.");
  until([&] { return slot(0).receive_head == 10; });
  slot(0).guest_closed = 1;
  serve();
  EXPECT_EQ(peer.end(), 0);
  GetParam().commit(slot(0));
  EXPECT_TRUE(serve());
  EXPECT_EQ(slot(0).host_closed, 2u);
  EXPECT_EQ(slot(0).error, static_cast<u32>(EPROTO));
  EXPECT_FALSE(table->pending());
  close(0, 2);
  serve();
  EXPECT_EQ(slot(0).state, abi::kOutboundFree);
  connect(0, listener);
}

INSTANTIATE_TEST_SUITE_P(
    Each, BreachWhileOpen,
    ::testing::Values(Breach{"FreesItself", [](abi::Outbound& slot) { slot.state = abi::kOutboundFree; }},
                      Breach{"OpensAgain", [](abi::Outbound& slot) { slot.state = abi::kOutboundOpening; }},
                      Breach{"Fails", [](abi::Outbound& slot) { slot.state = abi::kOutboundFailed; }},
                      Breach{"UnknownState", [](abi::Outbound& slot) { slot.state = 99; }},
                      Breach{"BecomesUdp", [](abi::Outbound& slot) { slot.kind = abi::kOutboundUdp; }},
                      Breach{"Unshuts", [](abi::Outbound& slot) { slot.guest_closed = 0; }},
                      Breach{"UnknownClose", [](abi::Outbound& slot) { slot.guest_closed = ~0u; }},
                      Breach{"ReadsWhatIsNotThere", [](abi::Outbound& slot) { slot.receive_tail = 11; }},
                      Breach{"WritesTooMuch", [](abi::Outbound& slot) { slot.transmit_head += 65'537; }},
                      Breach{"TakesBytesBack", [](abi::Outbound& slot) { --slot.transmit_head; }}),
    name_of);

using OutboundHostileTest = OutboundTest;

TEST_F(OutboundHostileTest, HostCountsAreNotReadBack) {
  Peer listener = Peer::listen(net::to_sockaddr(loopback()));
  Peer peer = connect(0, listener);
  slot(0).receive_head = 1'000'000;
  slot(0).transmit_tail = 77;
  slot(0).host_closed = 0;
  peer.send("abc");
  until([&] { return slot(0).receive_head == 3; });
  EXPECT_EQ(read(0), "abc");
  write(0, "x");
  slot(0).transmit_head = 1;
  serve();
  EXPECT_EQ(slot(0).transmit_tail, 1u);
}

TEST_F(OutboundHostileTest, BrokenDatagramsCloseTheirSlot) {
  const abi::DatagramHeader headers[] = {
      {.address = {}, .port = 9, .size = 65'513, .error = 0},
      {.address = {}, .port = 9, .size = 65'535, .error = 0},
      {.address = {}, .port = 9, .size = 5, .error = 0},
  };
  for (u32 index = 0; index < std::size(headers); ++index) {
    open_udp(index);
    serve();
    write(index, {reinterpret_cast<const char*>(&headers[index]), sizeof headers[index]});
    write(index, "1234");
    EXPECT_TRUE(serve());
    EXPECT_EQ(slot(index).error, static_cast<u32>(EPROTO)) << index;
  }
  open_udp(10);
  serve();
  write(10, "half of a header");
  EXPECT_TRUE(serve());
  EXPECT_EQ(slot(10).host_closed, 2u);
  EXPECT_FALSE(table->pending());
}

TEST_F(OutboundHostileTest, AGuestMayTellAnyOfItsSlots) {
  area->wait.outbound = ~0u;
  EXPECT_FALSE(serve());
  for (u32 index = 0; index < abi::kMaxOutbound; ++index) slot(index).state = index;
  for (u32 index = 0; index < abi::kMaxOutbound; ++index) slot(index).guest_closed = index / 2;
  serve();
  serve();
  EXPECT_FALSE(table->pending());
}

TEST_F(OutboundHostileTest, NoiseDoesNoHarm) {
  Peer listener = Peer::listen(net::to_sockaddr(loopback()), 1000);
  const net::Address address = listener.address();
  services.only = net::format(address);
  services.limits_.connections = ~0u;
  std::mt19937 random(4);
  area->wait.outbound = ~0u;
  const std::size_t before = testing::open_descriptors();
  for (int step = 0; step < 2000; ++step) {
    abi::Outbound& target = slot(random() % 4);
    switch (random() % 8) {
      case 0:
        open_tcp(random() % 4, address);
        break;
      case 1:
        open_udp(random() % 4);
        break;
      case 2:
        reinterpret_cast<u8*>(&target)[random() % sizeof target] = static_cast<u8>(random());
        break;
      case 3:
        target.transmit_head += static_cast<u32>(random() % 100);
        break;
      case 4:
        target.guest_closed = static_cast<u32>(random() % 4);
        break;
      default:
        reinterpret_cast<u32*>(&target)[random() % 11] = static_cast<u32>(random() % 4);
    }
    if (step % 3 == 0) static_cast<void>(table->serve());
    if (step % 7 == 0) {
      loop::Task now([] {});
      loop->post(now);
      loop->turn();
    }
    if (step % 100 == 0) {
      table->reset();
      EXPECT_EQ(testing::open_descriptors(), before);
    }
  }
}

}  // namespace
}  // namespace mayfly::machine
