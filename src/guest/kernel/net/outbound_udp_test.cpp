// UDP to the outside: who hears what.
#include "guest/kernel/net/control_message.h"
#include "guest/kernel/net/ip_option.h"
#include "guest/kernel/net/outbound_udp_fixture.h"

namespace mayfly::kernel {
namespace {

TEST_F(OutboundUdpTest, AQuestionAndItsAnswer) {
  i32 fd = udp();
  EXPECT_EQ(send_to(fd, "question", outside(kDns)), 8);
  EXPECT_EQ(slot().state, static_cast<u32>(abi::kOutboundOpening));
  EXPECT_EQ(slot().kind, static_cast<u32>(abi::kOutboundUdp));
  EXPECT_EQ(send_to(fd, "second", outside(99)), 6) << "before it is open";
  EXPECT_EQ(local_name(fd).substr(0, 8), "0.0.0.0:");
  Record first = take_record();
  EXPECT_EQ(first.bytes, "question");
  EXPECT_EQ(first.header.port, kDns);
  EXPECT_EQ(first.header.address[12], 93);
  EXPECT_EQ(first.header.error, 0u);
  Record second = take_record();
  EXPECT_EQ(second.bytes, "second");
  EXPECT_EQ(second.header.port, 99);
  set_open();
  put_record("answer");
  put_record("from elsewhere", 99, 7);
  put_record("", 99, 7);
  resume();
  EXPECT_EQ(local_name(fd), "10.0.0.5:40000");
  std::string source;
  EXPECT_EQ(receive_from(fd, source), "answer");
  EXPECT_EQ(source, "93.0.0.1:53");
  EXPECT_EQ(receive_from(fd, source), "from elsewhere");
  EXPECT_EQ(source, "93.0.0.7:99");
  EXPECT_EQ(receive_from(fd, source), "");
  EXPECT_EQ(source, "93.0.0.7:99");
  EXPECT_EQ(receive_from(fd, source), error(EAGAIN));
}

TEST_F(OutboundUdpTest, AConnectedSocketHearsItsPeerOnly) {
  i32 fd = udp_connected();
  EXPECT_EQ(slot().state, 0u) << "connecting says nothing yet";
  EXPECT_EQ(peer_name(fd), "93.0.0.1:53");
  EXPECT_EQ(local_name(fd).substr(0, 8), "0.0.0.0:");
  EXPECT_EQ(send(fd, "question"), 8);
  put_record("spoofed", kDns, 2);
  put_record("other port", 54);
  put_record("answer");
  host.on_wait = [&] { set_open(); };
  EXPECT_EQ(receive(fd), "answer");
  EXPECT_EQ(local_name(fd), "10.0.0.5:40000");
  EXPECT_EQ(slot().receive_tail, slot().receive_head);
}

TEST_F(OutboundUdpTest, TheSlotsNameIsThatOfWhoTalksOutside) {
  i32 fd = udp();
  EXPECT_EQ(bind(fd, v4_any(5000)), 0);
  send_to(fd, "x", outside());
  set_open();
  resume();
  EXPECT_EQ(local_name(fd), "0.0.0.0:5000") << "others in the machine find it there";
  EXPECT_EQ(connect(fd, outside()), 0);
  EXPECT_EQ(local_name(fd), "10.0.0.5:40000");
  EXPECT_EQ(connect(fd, v4(5000)), 0);
  EXPECT_EQ(local_name(fd), "127.0.0.1:5000");
}

TEST_F(OutboundUdpTest, ArrivalIsAnEdge) {
  i32 fd = udp_connected(kNonblock);
  send(fd, "x");
  i32 epoll = edge_epoll(fd, EPOLLIN);
  resume();
  EXPECT_EQ(events_now(epoll), 0u);
  put_record("one");
  resume();
  EXPECT_EQ(events_now(epoll), static_cast<u32>(EPOLLIN));
  put_record("spoofed", kDns, 2);
  resume();
  EXPECT_EQ(events_now(epoll), 0u);
}

TEST_F(OutboundUdpTest, RefusalsReachConnectedSockets) {
  i32 fd = udp_connected();
  send(fd, "x");
  i32 epoll = edge_epoll(fd, EPOLLIN);
  put_record("", 54, 1, ECONNREFUSED);
  resume();
  EXPECT_EQ(option(fd, kLevelSocket, kError), 0) << "not about its peer";
  put_record("", kDns, 1, ECONNREFUSED);
  resume();
  EXPECT_EQ(events_now(epoll), static_cast<u32>(EPOLLERR));
  EXPECT_EQ(receive(fd), error(ECONNREFUSED));
  EXPECT_EQ(receive(fd, 9, kMessageDontWait), error(EAGAIN)) << "an error is no datagram";
  EXPECT_EQ(send(fd, "x"), 1);
}

TEST_F(OutboundUdpTest, UnconnectedSocketsHearOfThePolicyOnly) {
  i32 fd = udp();
  send_to(fd, "x", outside());
  put_record("", kPort, 1, ECONNREFUSED);
  put_record("", kPort, 1, EHOSTUNREACH);
  resume();
  EXPECT_EQ(receive(fd, 9, kMessageDontWait), error(EAGAIN));
  put_record("", kPort, 1, EACCES);
  resume();
  EXPECT_EQ(send_to(fd, "x", outside()), -EACCES);
  EXPECT_EQ(send_to(fd, "x", outside()), 1);
}

TEST_F(OutboundUdpTest, PortsOfTheLoopbackThatNobodyHasAreTheHosts) {
  i32 client = udp();
  EXPECT_EQ(connect(client, v4(kPort)), 0);
  EXPECT_EQ(send(client, "question"), 8);
  EXPECT_EQ(take_record().bytes, "question");
  abi::DatagramHeader header{};
  set_address(header.address, 127, 1);
  put_record(header, "answer", kPort);
  put_record(header, "", kPort, ECONNREFUSED);
  resume();
  EXPECT_EQ(receive(client), "answer");
  EXPECT_EQ(receive(client), error(ECONNREFUSED));
  i32 server = udp();
  EXPECT_EQ(bind(server, v4_any(kPort)), 0);
  EXPECT_EQ(send(client, "to the machine's own"), 20);
  EXPECT_EQ(receive(server), "to the machine's own");
}

TEST_F(OutboundUdpTest, TheResolverIsTheHost) {
  Address resolver = v4(kDns, 53);
  i32 fd = udp();
  EXPECT_EQ(connect(fd, resolver), 0);
  EXPECT_EQ(send(fd, "query"), 5);
  Record query = take_record();
  EXPECT_EQ(query.bytes, "query");
  EXPECT_EQ(std::memcmp(query.header.address, abi::kResolverAddress, 16), 0);
  abi::DatagramHeader header{};
  std::memcpy(header.address, abi::kResolverAddress, sizeof header.address);
  put_record(header, "addresses", kDns);
  resume();
  EXPECT_EQ(receive(fd), "addresses");
  i32 unconnected = udp();
  i32 own = udp();
  EXPECT_EQ(bind(own, v4_any(kDns)), 0);
  EXPECT_EQ(send_to(unconnected, "query", resolver), 5);
  EXPECT_EQ(receive(own), "query");
  EXPECT_EQ(slot(1).state, 0u);
}

TEST_F(OutboundUdpTest, ClosingAndDisconnectingGiveTheSlotBack) {
  u64 before = kernel.heap.used_bytes();
  i32 fd = udp_connected();
  send(fd, "last");
  close(fd);
  EXPECT_EQ(kernel.heap.used_bytes(), before);
  EXPECT_EQ(slot().guest_closed, 2u);
  EXPECT_EQ(take_record().bytes, "last") << "the host still sends it";
  set_free();
  resume();
  fd = udp_connected();
  send(fd, "x");
  EXPECT_EQ(slot(1).state, 0u);
  Address none;
  std::memset(none.bytes, 0, sizeof none.bytes);
  none.size = 16;
  EXPECT_EQ(connect(fd, none), 0);
  EXPECT_EQ(slot().guest_closed, 2u);
  EXPECT_EQ(local_name(fd), "0.0.0.0:0");
}

TEST_F(OutboundUdpTest, ASlotThatCannotBeOpened) {
  i32 fd = udp();
  send_to(fd, "x", outside());
  host.on_wait = [&] { refuse_outbound(EMFILE); };
  EXPECT_EQ(receive(fd), error(EMFILE));
  EXPECT_EQ(slot().guest_closed, 2u);
  EXPECT_EQ(send_to(fd, "again", outside()), 5);
  EXPECT_EQ(slot(1).state, static_cast<u32>(abi::kOutboundOpening));
}

TEST_F(OutboundUdpTest, ASlotThatWasLostIsReplaced) {
  i32 fd = udp_connected(kNonblock);
  send(fd, "x");
  put_record("rest");
  set_broken(ECONNRESET);
  EXPECT_EQ(send(fd, "meanwhile"), 9) << "already by another slot";
  EXPECT_EQ(slot(0).guest_closed, 2u);
  EXPECT_EQ(take_record(1).bytes, "meanwhile");
  set_free(0);
  resume();
  set_broken(ECONNRESET, 1);
  resume();
  EXPECT_EQ(option(fd, kLevelSocket, kError), 0);
  EXPECT_EQ(slot(1).guest_closed, 2u);
  EXPECT_EQ(send(fd, "next"), 4);
  EXPECT_EQ(take_record(0).bytes, "next");
}

TEST_F(OutboundUdpTest, PacketInfoNamesWhereItCame) {
  i32 fd = udp();
  EXPECT_EQ(set_option(fd, kLevelIp, kIpPacketInfo, 1), 0);
  send_to(fd, "x", outside());
  set_open();
  put_record("answer");
  resume();
  char bytes[16];
  u64 vector[2] = {reinterpret_cast<u64>(bytes), sizeof bytes};
  struct {
    u64 size;
    u32 level, type, interface;
    u8 local[4], destination[4];
  } control{};
  MessageHeader message{0, 0, 0, reinterpret_cast<u64>(vector), 1, reinterpret_cast<u64>(&control), sizeof control,
                        0, 0};
  EXPECT_EQ(call(__NR_recvmsg, fd, &message, 0), 6);
  EXPECT_EQ(control.type, static_cast<u32>(kIpPacketInfo));
  EXPECT_EQ(control.interface, 2u);
  EXPECT_EQ(control.destination[0], 10);
}

TEST_F(OutboundUdpTest, WhatDoesNotLeadOutside) {
  i32 fd = udp();
  Address broadcast = outside();
  std::memset(broadcast.bytes + 4, 0xff, 4);
  EXPECT_EQ(send_to(fd, "x", broadcast), -EACCES);
  EXPECT_EQ(set_option(fd, kLevelSocket, 6 /* SO_BROADCAST */, 1), 0);
  EXPECT_EQ(send_to(fd, "x", broadcast), -ENETUNREACH);
  EXPECT_EQ(send_to(socket(kFamilyInet, kDatagram, kProtocolUdpLite), "x", outside()), -ENETUNREACH);
  i32 bound = udp();
  EXPECT_EQ(bind(bound, v4(0)), 0);
  EXPECT_EQ(send_to(bound, "x", outside()), -EINVAL);
  EXPECT_EQ(slot().state, 0u);
}

}  // namespace
}  // namespace mayfly::kernel
