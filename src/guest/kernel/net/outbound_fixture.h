// Fixture for tests of connections to the outside: plays the host's part as abi/outbound.h describes it.
#pragma once

#include "guest/kernel/net/socket_fixture.h"

namespace mayfly::kernel {

class OutboundTest : public SocketTest {
 protected:
  static constexpr u16 kPort = 443;

  static abi::Outbound& slot(u32 index = 0) { return shared().outbound[index]; }
  /// 93.0.0.1, which is none of the machine's addresses.
  static Address outside(u16 port = kPort) {
    Address address = v4(port);
    address.bytes[4] = 93;
    return address;
  }
  static void set_address(u8 (&bytes)[16], u8 first, u8 last) {
    InetAddress address = InetAddress::any(kFamilyInet, 0);
    address.bytes[12] = first;
    address.bytes[15] = last;
    std::memcpy(bytes, address.bytes, sizeof bytes);
  }

  /// What the machine does around each wait.
  void resume() {
    kernel.before_wait();
    kernel.host_returned();
  }
  void set_open(u32 index = 0) {
    ASSERT_EQ(slot(index).state, static_cast<u32>(abi::kOutboundOpening));
    set_address(slot(index).local_address, 10, 5);
    slot(index).local_port = 40'000;
    slot(index).state = abi::kOutboundOpen;
  }
  void set_broken(int errno_value, u32 index = 0) {
    slot(index).error = static_cast<u32>(errno_value);
    slot(index).host_closed = 2;
  }
  void set_free(u32 index = 0) {
    ASSERT_GE(slot(index).guest_closed, 2u);
    slot(index).state = abi::kOutboundFree;
  }
  /// Opens whatever the program connects to, when it waits.
  void open_when_asked() {
    host.on_wait = [this] {
      host.on_wait = nullptr;
      set_open();
    };
  }

  void put(const void* bytes, u64 size, u32 index = 0) {
    for (u64 i = 0; i < size; ++i) {
      ASSERT_LT(slot(index).receive_head - slot(index).receive_tail, abi::kOutboundReceiveBytes);
      shared().outbound_receive[index][slot(index).receive_head++ % abi::kOutboundReceiveBytes] =
          static_cast<const u8*>(bytes)[i];
    }
  }
  void put(const std::string& bytes, u32 index = 0) { put(bytes.data(), bytes.size(), index); }
  std::string take(u64 limit = ~u64{0}, u32 index = 0) {
    std::string bytes;
    abi::Outbound& from = slot(index);
    EXPECT_LE(from.transmit_head - from.transmit_tail, abi::kOutboundTransmitBytes);
    while (from.transmit_tail != from.transmit_head && bytes.size() < limit) {
      u32 at = from.transmit_tail++ % abi::kOutboundTransmitBytes;
      bytes += static_cast<char>(shared().outbound_transmit[index][at]);
    }
    return bytes;
  }

  /// A connected socket.
  i32 connected(int flags = 0) {
    i32 fd = socket(kFamilyInet, kStream | flags);
    if (flags != 0) {
      EXPECT_EQ(connect(fd, outside()), -EINPROGRESS);
      set_open();
      resume();
    } else {
      open_when_asked();
    }
    EXPECT_EQ(connect(fd, outside()), 0);
    return fd;
  }
  /// An edge-triggered epoll that watches `fd` for `events`.
  i32 edge_epoll(i32 fd, u32 events) {
    i32 epoll = static_cast<i32>(call(__NR_epoll_create1, 0));
    epoll_event event{};
    event.events = events | EPOLLET;
    EXPECT_EQ(call(__NR_epoll_ctl, epoll, EPOLL_CTL_ADD, fd, &event), 0);
    return epoll;
  }
  /// What has happened since it was asked last; 0 for nothing.
  u32 events_now(i32 epoll) {
    epoll_event event{};
    return call(__NR_epoll_wait, epoll, &event, 1, 0) == 1 ? event.events : 0;
  }
};

}  // namespace mayfly::kernel
