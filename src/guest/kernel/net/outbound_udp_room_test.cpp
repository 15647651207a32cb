// Room for datagrams to the outside and from there.
#include "guest/kernel/net/outbound_udp_fixture.h"

namespace mayfly::kernel {
namespace {

using OutboundUdpRoomTest = OutboundUdpTest;

TEST_F(OutboundUdpRoomTest, RecordsWrapAround) {
  i32 fd = udp_connected();
  send(fd, "x");
  take();
  set_open();
  resume();
  slot().receive_head = slot().receive_tail = ~0u - 11;
  slot().transmit_head = slot().transmit_tail = ~0u - 11;
  resume();
  for (int round = 0; round < 40; ++round) {
    std::string bytes(9'001 + static_cast<u64>(round), static_cast<char>('a' + round % 26));
    bytes.back() = '.';
    put_record(bytes);
    resume();
    EXPECT_EQ(receive(fd, 20'000), bytes);
    EXPECT_EQ(send(fd, bytes), static_cast<long>(bytes.size()));
    EXPECT_EQ(take_record().bytes, bytes);
  }
  EXPECT_EQ(slot().transmit_head % 4, 0u) << "padded";
}

TEST_F(OutboundUdpRoomTest, AFullRingBlocks) {
  i32 fd = udp_connected();
  fill(fd);
  int waits = 0;
  host.on_wait = [&] {
    ++waits;
    EXPECT_EQ(take_record().bytes.size(), 10'000u);
  };
  EXPECT_EQ(send(fd, std::string(30'000, 'y')), 30'000);
  EXPECT_EQ(waits, 3) << "as many as make room for all of it";
}

TEST_F(OutboundUdpRoomTest, AFullRingRefusesAndTellsOfRoom) {
  i32 fd = udp_connected(kNonblock);
  fill(fd);
  EXPECT_EQ(poll_now(fd) & EPOLLOUT, 0u);
  i32 epoll = edge_epoll(fd, EPOLLOUT);
  EXPECT_EQ(send(fd, std::string(30'000, 'y')), -EAGAIN);
  EXPECT_EQ(send(fd, "little"), 6);
  take_record();
  take_record();
  resume();
  EXPECT_EQ(events_now(epoll), 0u) << "not enough for the one that was refused";
  EXPECT_EQ(poll_now(fd) & EPOLLOUT, 0u);
  take_record();
  resume();
  EXPECT_EQ(events_now(epoll), static_cast<u32>(EPOLLOUT));
  EXPECT_EQ(send(fd, std::string(30'000, 'y')), 30'000);
  take_record();
  take_record();
  resume();
  EXPECT_EQ(events_now(epoll), static_cast<u32>(EPOLLOUT)) << "the usual room will do again";
}

TEST_F(OutboundUdpRoomTest, SizesAreLimited) {
  i32 fd = udp_connected();
  EXPECT_EQ(send(fd, std::string(65'508, 'x')), -EMSGSIZE);
  EXPECT_EQ(send(fd, std::string(65'507, 'x')), 65'507);
  EXPECT_EQ(take_record().bytes.size(), 65'507u);
  i32 wide = socket(kFamilyInet6, kDatagram);
  Address address = v6(kDns);
  address.bytes[8] = 0x20;
  EXPECT_EQ(connect(wide, address), 0);
  EXPECT_EQ(send(wide, std::string(65'513, 'x')), -EMSGSIZE);
  EXPECT_EQ(send(wide, std::string(65'512, 'x')), 65'512);
  EXPECT_EQ(take_record(1).bytes.size(), 65'512u);
}

TEST_F(OutboundUdpRoomTest, WhatTheSocketHasNoRoomForStaysInTheRing) {
  i32 fd = udp();
  send_to(fd, "x", outside(kDns));
  int sent = 0;
  u32 left = 0;
  for (; left == 0; ++sent) {
    ASSERT_LT(sent, 100);
    std::string bytes(10'000, 'x');
    bytes[0] = static_cast<char>(sent);
    put_record(bytes);
    resume();
    left = slot().receive_head - slot().receive_tail;
  }
  for (int i = 0; i < sent; ++i) EXPECT_EQ(receive(fd, 20'000)[0], static_cast<char>(i));
  EXPECT_EQ(slot().receive_head, slot().receive_tail);
}

}  // namespace
}  // namespace mayfly::kernel
