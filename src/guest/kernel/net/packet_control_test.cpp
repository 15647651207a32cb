#include "guest/kernel/net/packet_control.h"

#include "guest/kernel/net/ip_option.h"
#include "guest/kernel/net/socket_fixture.h"

namespace mayfly::kernel {
namespace {

class PacketControlTest : public SocketTest {
 protected:
  struct Control {
    ControlHeader header;
    i32 value;
    i32 padding;
  };

  i32 receiver = socket(kFamilyInet6, kDatagram);
  i32 sender = socket(kFamilyInet6, kDatagram);
  char byte = 'x';
  u64 part[2] = {reinterpret_cast<u64>(&byte), 1};

  PacketControlTest() {
    EXPECT_EQ(bind(receiver, v6(5353)), 0);
    EXPECT_EQ(connect(sender, v6(5353)), 0);
    EXPECT_EQ(set_option(receiver, kLevelIpv6, kIpv6ReceiveHopLimit, 1), 0);
  }
  MessageHeader header_of(Control& control) {
    MessageHeader header{};
    header.vector = reinterpret_cast<u64>(part);
    header.vector_count = 1;
    header.control = reinterpret_cast<u64>(&control);
    header.control_size = sizeof control;
    return header;
  }
  long send_with(u32 type, i32 value) {
    Control control{{sizeof(ControlHeader) + sizeof value, kLevelIpv6, type}, value, 0};
    MessageHeader header = header_of(control);
    return call(__NR_sendmsg, sender, &header, 0);
  }
  Control received() {
    Control control{};
    MessageHeader header = header_of(control);
    EXPECT_EQ(call(__NR_recvmsg, receiver, &header, 0), 1);
    return control;
  }
};

TEST_F(PacketControlTest, HopsAreTheSocketsOrTheMessages) {
  EXPECT_EQ(send(sender, "x"), 1);
  EXPECT_EQ(received().value, kDefaultHops);
  EXPECT_EQ(set_option(sender, kLevelIpv6, kIpv6UnicastHops, 7), 0);
  EXPECT_EQ(send(sender, "x"), 1);
  EXPECT_EQ(received().value, 7);
  EXPECT_EQ(send_with(kIpv6HopLimit, 9), 1);
  Control got = received();
  EXPECT_EQ(got.header.type, static_cast<u32>(kIpv6HopLimit));
  EXPECT_EQ(got.value, 9);
  EXPECT_EQ(send_with(kIpv6HopLimit, 256), -EINVAL);
  EXPECT_EQ(send_with(777, 1), -EINVAL);
}

TEST_F(PacketControlTest, WhatDoesNotFitIsCutOff) {
  EXPECT_EQ(send(sender, "x"), 1);
  Control control{};
  MessageHeader header = header_of(control);
  header.control_size = sizeof(ControlHeader) + 2;
  EXPECT_EQ(call(__NR_recvmsg, receiver, &header, 0), 1);
  EXPECT_EQ(header.flags, static_cast<u32>(kMessageControlTruncated));
  EXPECT_EQ(control.header.size, sizeof(ControlHeader) + 2);
}

}  // namespace
}  // namespace mayfly::kernel
