// Fixture for tests of datagrams to the outside: records in the rings.
#pragma once

#include "guest/kernel/net/outbound_fixture.h"

namespace mayfly::kernel {

class OutboundUdpTest : public OutboundTest {
 protected:
  static constexpr u16 kDns = 53;

  struct Record {
    abi::DatagramHeader header;
    std::string bytes;
  };
  /// The next datagram that the program has sent.
  Record take_record(u32 index = 0) {
    Record record;
    std::string header = take(sizeof record.header, index);
    EXPECT_EQ(header.size(), sizeof record.header);
    std::memcpy(&record.header, header.data(), header.size());
    record.bytes = take((record.header.size + 3u) & ~3u, index);
    EXPECT_GE(record.bytes.size(), record.header.size);
    record.bytes.resize(record.header.size);
    return record;
  }
  /// A datagram from 93.0.0.`last`, or an error about it.
  void put_record(const std::string& bytes, u16 port = kDns, u8 last = 1, u32 error = 0) {
    abi::DatagramHeader header{};
    set_address(header.address, 93, last);
    put_record(header, bytes, port, error);
  }
  void put_record(abi::DatagramHeader header, std::string bytes, u16 port, u32 error = 0) {
    header.port = port;
    header.size = static_cast<u16>(bytes.size());
    header.error = error;
    bytes.resize((bytes.size() + 3) & ~u64{3});
    put(&header, sizeof header);
    put(bytes);
  }
  i32 udp(int flags = 0) { return socket(kFamilyInet, kDatagram | flags); }
  i32 udp_connected(int flags = 0) {
    i32 fd = udp(flags);
    EXPECT_EQ(connect(fd, outside(kDns)), 0);
    return fd;
  }
  /// Fills the ring with datagrams of 10'000 bytes.
  void fill(i32 fd) {
    for (int i = 0; i < 6; ++i) ASSERT_EQ(send(fd, std::string(10'000, 'x')), 10'000);
  }
  std::string receive_from(i32 fd, std::string& source) {
    std::string bytes(256, '?');
    Address from;
    from.size = Address::kMaxBytes;
    long got = call(__NR_recvfrom, fd, bytes.data(), bytes.size(), kMessageDontWait, from.bytes, &from.size);
    source = got < 0 ? "" : text(from);
    return result(got, bytes);
  }
};

}  // namespace mayfly::kernel
